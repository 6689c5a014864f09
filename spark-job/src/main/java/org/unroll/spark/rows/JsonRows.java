// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Rows of JSON lines. Blank lines are no rows; a value that is not text is its JSON. */
final class JsonRows extends TableLineRows {
  private static final ObjectReader READER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build().reader();

  private final List<String> wanted;
  private JsonNode row;

  JsonRows(LineSource source, List<String> wanted) {
    super(source);
    this.wanted = wanted;
  }

  @Override
  public boolean next() throws IOException {
    String line;
    do {
      if (!source().next()) {
        return false;
      }
      line = source().line();
    } while (line.isBlank());
    try {
      row = READER.readTree(line);
    } catch (JsonProcessingException e) {
      throw source()
          .problem(
              "what is no JSON: " + e.getOriginalMessage().lines().findFirst().orElse("") + ".");
    }
    if (!row.isObject()) {
      throw source().problem("what is no JSON object; every line must be one.");
    }
    requireColumns();
    return true;
  }

  /** A field may be null but not absent: most likely its name was mistyped. */
  private void requireColumns() throws IOException {
    for (String column : wanted) {
      if (!row.has(column)) {
        List<String> names = new ArrayList<>();
        row.fieldNames().forEachRemaining(names::add);
        throw source()
            .problem("no field '" + column + "'; it has " + String.join(", ", names) + ".");
      }
    }
  }

  @Override
  public String value(int column) {
    JsonNode value = row.get(wanted.get(column));
    return value.isNull() ? null : value.isTextual() ? value.textValue() : value.toString();
  }
}
