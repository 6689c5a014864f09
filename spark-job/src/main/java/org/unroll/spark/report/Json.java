// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Writes figures as one line of JSON, in ASCII so that any locale passes it on; a number that is
 * none becomes null.
 */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  private static final JsonMapper TEXTS = new JsonMapper();

  private Json() {}

  /** Returns a constant as files and figures have it. */
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns values by name in this order: names and values by turns. */
  public static Map<String, Object> fields(Object... namesAndValues) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }

  /** Returns texts as a list, with characters of all scripts as they are. */
  public static String list(String... texts) {
    try {
      return TEXTS.writeValueAsString(texts);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not to be written as JSON: " + texts.length, e);
    }
  }

  /** Returns one JSON object with these fields in their order. */
  public static String line(Map<String, ?> fields) {
    Map<String, Object> finite = new LinkedHashMap<>();
    fields.forEach(
        (name, value) ->
            finite.put(name, value instanceof Double d && !Double.isFinite(d) ? null : value));
    try {
      return MAPPER.writeValueAsString(finite);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not to be written as JSON: " + fields.keySet(), e);
    }
  }
}
