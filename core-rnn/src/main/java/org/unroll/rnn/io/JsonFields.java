// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The fields of a JSON object, taken out by name and type. Errors name the source and the path of
 * the field.
 */
public final class JsonFields {
  /** Takes neither a repeated field nor anything behind the end. */
  static final JsonMapper STRICT_JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String sourceName;
  private final String prefix;
  private final JsonNode object;
  private final Set<String> known = new HashSet<>();

  private JsonFields(String sourceName, String prefix, JsonNode object) {
    this.sourceName = sourceName;
    this.prefix = prefix;
    this.object = object;
  }

  /** The object that is the whole stream. */
  public static JsonFields read(InputStream in, String sourceName) throws IOException {
    try {
      JsonNode json = STRICT_JSON.readTree(in.readAllBytes());
      if (!json.isObject()) {
        throw new InputException(sourceName + " must be a JSON object");
      }
      return new JsonFields(sourceName, "", json);
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : ": line " + e.getLocation().getLineNr();
      throw new InputException(
          sourceName + line + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Writes fields as an indented JSON object with a line end; the stream stays open. */
  public static void write(Map<String, Object> json, OutputStream out) throws IOException {
    // The default printer would end lines as the machine does.
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    out.write(new JsonMapper().writer(printer).writeValueAsBytes(json));
    out.write('\n');
  }

  /** An object that was read before, which stands under a name in the source. */
  public static JsonFields of(Map<String, Object> object, String sourceName, String name) {
    return new JsonFields(sourceName, name + ".", STRICT_JSON.valueToTree(object));
  }

  /** Whether there is such a field. */
  public boolean has(String name) {
    return object.has(name);
  }

  public int integer(String name) {
    return field(name, "a whole number", n -> n.isIntegralNumber() && n.canConvertToInt())
        .intValue();
  }

  public long longInteger(String name) {
    return field(name, "a whole number", n -> n.isIntegralNumber() && n.canConvertToLong())
        .longValue();
  }

  public double number(String name) {
    return field(name, "a number", JsonNode::isNumber).doubleValue();
  }

  public boolean bool(String name) {
    return field(name, "true or false", JsonNode::isBoolean).booleanValue();
  }

  public String text(String name) {
    return field(name, "text", JsonNode::isTextual).textValue();
  }

  /** One of an enum's constants, written in lower case. */
  public <E extends Enum<E>> E constant(String name, Class<E> type) {
    Map<String, E> byName = new LinkedHashMap<>();
    Arrays.stream(type.getEnumConstants())
        .forEach(constant -> byName.put(constant.name().toLowerCase(Locale.ROOT), constant));
    JsonNode field =
        field(
            name,
            "one of " + byName.keySet(),
            n -> n.isTextual() && byName.containsKey(n.textValue()));
    return byName.get(field.textValue());
  }

  public JsonFields object(String name) {
    return new JsonFields(
        sourceName, prefix + name + ".", field(name, "an object", JsonNode::isObject));
  }

  /** A list of objects. */
  public List<JsonFields> objects(String name) {
    List<JsonFields> objects = new ArrayList<>();
    for (JsonNode item : list(name, "objects", JsonNode::isObject)) {
      objects.add(new JsonFields(sourceName, prefix + name + "[" + objects.size() + "].", item));
    }
    return objects;
  }

  /** A list of numbers. */
  public List<Double> numbers(String name) {
    List<Double> numbers = new ArrayList<>();
    list(name, "numbers", JsonNode::isNumber).forEach(item -> numbers.add(item.doubleValue()));
    return numbers;
  }

  /** A list of texts. */
  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    list(name, "texts", JsonNode::isTextual).forEach(item -> texts.add(item.textValue()));
    return texts;
  }

  private JsonNode list(String name, String kind, Predicate<JsonNode> item) {
    return field(name, "a list of " + kind, n -> n.isArray() && n.valueStream().allMatch(item));
  }

  /** An object of any fields, in their order. */
  public Map<String, Object> map(String name) {
    return STRICT_JSON.convertValue(
        field(name, "an object", JsonNode::isObject),
        new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  /**
   * Refuses fields that nobody asked for: most likely a typing error, and ignoring it would change
   * the meaning.
   */
  public void requireNoOther() {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!known.contains(field.getKey())) {
        throw new InputException(
            sourceName + ": the field " + prefix + field.getKey() + " is unknown");
      }
    }
  }

  private JsonNode field(String name, String kind, Predicate<JsonNode> valid) {
    known.add(name);
    JsonNode field = object.get(name);
    if (field == null) {
      throw new InputException(sourceName + ": the field " + prefix + name + " is missing");
    }
    if (!valid.test(field)) {
      throw new InputException(
          sourceName + ": the field " + prefix + name + " must be " + kind + " but is " + field);
    }
    return field;
  }
}
