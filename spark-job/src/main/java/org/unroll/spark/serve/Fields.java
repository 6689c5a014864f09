// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The fields of a request, each of which has one type or is refused by its name. */
record Fields(ObjectNode json) {

  /** Refuses fields that have none of these names: they would do nothing. */
  void requireKnown(Set<String> names, Set<String> others) {
    for (Iterator<String> all = json.fieldNames(); all.hasNext(); ) {
      String name = all.next();
      if (!names.contains(name) && !others.contains(name)) {
        throw ApiException.invalid(
            shortened(name),
            "There is no field '%s' here; there are %s."
                .formatted(shortened(name), String.join(", ", new TreeSet<>(names))));
      }
    }
  }

  private static String shortened(String name) {
    return name.length() > 40 ? name.substring(0, name.offsetByCodePoints(0, 20)) + "..." : name;
  }

  /** Returns whether a field is there and not null. */
  boolean has(String name) {
    return json.hasNonNull(name);
  }

  /** Returns a whole number. */
  int integer(String name, int usual, int least, int most) {
    if (!has(name)) {
      return usual;
    }
    JsonNode value = json.get(name);
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw ApiException.invalid(
          name, "'%s' must be a whole number of %s to %s.".formatted(name, least, most));
    }
    return value.intValue();
  }

  /** Returns a whole number of 64 bits, or null. */
  Long whole(String name) {
    if (!has(name)) {
      return null;
    }
    JsonNode value = json.get(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw ApiException.invalid(name, "'%s' must be a whole number of 64 bits.".formatted(name));
    }
    return value.longValue();
  }

  /** Returns a number. */
  double number(String name, double usual, double least, double most) {
    if (!has(name)) {
      return usual;
    }
    JsonNode value = json.get(name);
    if (!value.isNumber() || !(value.doubleValue() >= least && value.doubleValue() <= most)) {
      throw ApiException.invalid(
          name, "'%s' must be a number of %s to %s.".formatted(name, least, most));
    }
    return value.doubleValue();
  }

  boolean flag(String name, boolean usual) {
    if (!has(name)) {
      return usual;
    }
    if (!json.get(name).isBoolean()) {
      throw ApiException.invalid(name, "'%s' must be true or false.".formatted(name));
    }
    return json.get(name).booleanValue();
  }

  /** Returns a text, or null. */
  String textOrNull(String name) {
    return has(name) ? text(name, json.get(name)) : null;
  }

  /** Returns a text or a list of texts as a list. */
  List<String> texts(String name, List<String> usual, int most) {
    if (!has(name)) {
      return usual;
    }
    JsonNode value = json.get(name);
    if (!value.isArray()) {
      return List.of(text(name, value));
    }
    if (value.size() > most) {
      throw ApiException.invalid(
          name, "'%s' has %s texts, but may have %s.".formatted(name, value.size(), most));
    }
    List<String> texts = new ArrayList<>();
    value.forEach(element -> texts.add(text(name, element)));
    if (texts.isEmpty() && !usual.isEmpty()) {
      throw ApiException.invalid(name, "'%s' has no text.".formatted(name));
    }
    return texts;
  }

  private static String text(String name, JsonNode value) {
    if (!value.isTextual()) {
      throw ApiException.invalid(name, "'%s' must be a text or a list of texts.".formatted(name));
    }
    requireWhole(name, value.textValue());
    return value.textValue();
  }

  /** Refuses halves of characters, which JSON can write and no text has. */
  private static void requireWhole(String name, String text) {
    boolean half =
        text.codePoints()
            .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    if (half) {
      throw ApiException.invalid(
          name, "'%s' has half of a character (a surrogate without its partner).".formatted(name));
    }
  }
}
