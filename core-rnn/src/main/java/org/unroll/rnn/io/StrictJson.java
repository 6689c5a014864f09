// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.rnn.network.HeadSpec;

/**
 * Records are written as JSON and read back, strictly: fields have the components' names in snake
 * case, constants are in lower case, and nothing may be missing, repeated, unknown or of another
 * type. What is wrong is told with the source and the path of the field. Equal content gives equal
 * bytes.
 */
public final class StrictJson {
  /** The field that tells what kind of head an object is. */
  private static final String KIND = "kind";

  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              text ->
                  text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .addMixIn(HeadSpec.class, HeadKinds.class)
          .addModule(new SimpleModule().addSerializer(Enum.class, new LowerCase()))
          .build();

  private StrictJson() {}

  /** The names of the heads in files. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = KIND)
  @JsonSubTypes({
    @JsonSubTypes.Type(name = "vocabulary", value = HeadSpec.Vocabulary.class),
    @JsonSubTypes.Type(name = "softmax", value = HeadSpec.Softmax.class),
    @JsonSubTypes.Type(name = "regression", value = HeadSpec.Regression.class),
    @JsonSubTypes.Type(name = "crf", value = HeadSpec.LinearCrf.class),
    @JsonSubTypes.Type(name = "ctc", value = HeadSpec.Alignment.class)
  })
  private interface HeadKinds {}

  @SuppressWarnings("rawtypes")
  private static final class LowerCase extends JsonSerializer<Enum> {
    @Override
    public void serialize(Enum value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(value.name().toLowerCase(Locale.ROOT));
    }
  }

  /** Writes a value as indented JSON with a line end; the stream stays open. */
  public static void write(Object value, OutputStream out) throws IOException {
    // The default printer would end lines as the machine does.
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    out.write(MAPPER.writer(printer).writeValueAsBytes(value));
    out.write('\n');
  }

  /** Returns a value as the maps, lists, texts and numbers that JSON has. */
  public static Object plain(Object value) {
    return MAPPER.convertValue(value, Object.class);
  }

  /** Returns the fields of an object of JSON by name, in their order; none if it is no object. */
  public static Map<String, Object> fields(Object json) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (json instanceof Map<?, ?> object) {
      object.forEach((name, value) -> fields.put((String) name, value));
    }
    return fields;
  }

  /**
   * Reads an object, whatever its fields; the stream stays open.
   *
   * @param source what messages call the file
   * @throws InputException if it is no JSON object
   */
  public static ObjectNode tree(InputStream in, String source) throws IOException {
    if (value(in.readAllBytes(), source) instanceof ObjectNode object) {
      return object;
    }
    throw new InputException(source + " must be a JSON object");
  }

  /**
   * Reads any value.
   *
   * @param source what messages call it
   * @throws InputException if it is no JSON
   */
  public static JsonNode value(byte[] json, String source) throws IOException {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : ": line " + e.getLocation().getLineNr();
      throw new InputException(source + line + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Returns the version of a format that a field of an object tells.
   *
   * @param newest version that can be read; the first is 1
   * @param advice what to do where it is another
   * @throws InputException if the field is no such version
   */
  public static int requireVersion(
      ObjectNode json, String source, String field, int newest, String advice) {
    JsonNode version = json.path(field);
    if (!version.canConvertToInt() || !version.isIntegralNumber()) {
      throw new InputException(
          "%s: the field %s%s"
              .formatted(
                  source,
                  field,
                  version.isMissingNode()
                      ? " is missing"
                      : " must be a whole number but is " + version));
    }
    if (version.intValue() < 1 || version.intValue() > newest) {
      throw new InputException(
          "%s has the %s %s, but this program reads versions up to %d: %s"
              .formatted(source, field.replace('_', ' '), version, newest, advice));
    }
    return version.intValue();
  }

  /**
   * Makes a record of JSON that was read before: a tree, or maps and lists.
   *
   * @param name of the object in the file, or nothing for all of it
   * @throws InputException if it is none, naming the field
   */
  public static <T> T bind(Object json, String source, String name, Class<T> type) {
    JsonNode tree = MAPPER.valueToTree(json);
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (JsonMappingException e) {
      throw new InputException(source + ": " + reason(e, tree, name), e);
    } catch (JsonProcessingException e) {
      throw new InputException(source + ": " + e.getOriginalMessage(), e);
    }
  }

  private static String reason(JsonMappingException e, JsonNode tree, String name) {
    String path = path(e, name);
    if (e instanceof UnrecognizedPropertyException) {
      return "the field " + path + " is unknown";
    }
    if (e instanceof InvalidTypeIdException kind) {
      String field = "the field " + path + "." + KIND;
      return kind.getTypeId() == null
          ? field + " is missing"
          : field + " must be one of " + kinds() + " but is \"" + kind.getTypeId() + "\"";
    }
    if (!path.isEmpty() && at(e, tree).isMissingNode()) {
      return "the field " + path + " is missing";
    }
    if (e instanceof ValueInstantiationException && e.getCause() != null) {
      return (path.isEmpty() ? "" : path + ": ") + e.getCause().getMessage();
    }
    Class<?> wanted =
        e.getCause() instanceof InputCoercionException number
            ? number.getTargetType()
            : e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
    if (wanted != null) {
      String field = path.isEmpty() ? "it" : "the field " + path;
      return field + " must be " + words(wanted) + " but is " + at(e, tree);
    }
    return (path.isEmpty() ? "" : "the field " + path + ": ") + e.getOriginalMessage();
  }

  private static List<String> kinds() {
    JsonSubTypes.Type[] types = HeadKinds.class.getAnnotation(JsonSubTypes.class).value();
    return Arrays.stream(types).map(JsonSubTypes.Type::name).toList();
  }

  private static String path(JsonMappingException e, String name) {
    StringBuilder path = new StringBuilder(name);
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.toString();
  }

  private static JsonNode at(JsonMappingException e, JsonNode tree) {
    JsonNode node = tree;
    for (JsonMappingException.Reference step : e.getPath()) {
      String field = step.getFieldName();
      node = field == null ? node.path(step.getIndex()) : node.path(field);
    }
    return node;
  }

  private static String words(Class<?> type) {
    if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
      return "a whole number";
    }
    if (type == double.class || type == Double.class || type == float.class) {
      return "a number";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type.isEnum()) {
      return "one of "
          + Arrays.stream(type.getEnumConstants())
              .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
              .toList();
    }
    if (Collection.class.isAssignableFrom(type) || type.isArray()) {
      return "a list";
    }
    return type == String.class ? "text" : "an object";
  }
}
