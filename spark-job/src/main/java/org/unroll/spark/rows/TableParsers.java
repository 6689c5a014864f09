// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Parsers of the formats whose rows are lines with named values. */
final class TableParsers {
  private static final Pattern TAB = Pattern.compile("\t");
  private static final ObjectReader OBJECTS =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(Map.class);

  private TableParsers() {}

  /** The whole line is the only value. */
  static Object[] text(String line) {
    return new Object[] {line};
  }

  /** Values between tabs. */
  static String[] tabs(String line) {
    return TAB.split(line, -1);
  }

  /** Values between tabs, of which every row has as many. */
  static LineParser tabs(int columns) {
    return line -> {
      String[] fields = tabs(line);
      if (fields.length != columns) {
        throw new BadRowException(wrongCount(fields.length, columns));
      }
      return fields;
    };
  }

  static String wrongCount(int found, int expected) {
    return "it has "
        + found
        + (found == 1 ? " column" : " columns")
        + ", but there must be "
        + expected;
  }

  /** The values of these keys of a JSON object. */
  static LineParser json(List<String> keys) {
    return line -> {
      Map<String, Object> object = object(line);
      Object[] values = new Object[keys.size()];
      for (int k = 0; k < values.length; k++) {
        values[k] = object.get(keys.get(k));
      }
      return values;
    };
  }

  /** The fields of a JSON object in their order. */
  static Map<String, Object> object(String line) throws BadRowException {
    try {
      Map<String, Object> object = OBJECTS.readValue(line);
      if (object != null) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new BadRowException("it is no JSON object (" + firstLine(e.getOriginalMessage()) + ")");
    }
    throw new BadRowException("it is no JSON object");
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse(message);
  }
}
