// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void a_line_keeps_the_order_and_has_no_number_that_is_none() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("text", "é\n\"q\"");
    fields.put("loss", 1.5);
    fields.put("perplexity", Double.POSITIVE_INFINITY);
    fields.put("epochs", 3);
    assertThat(Json.line(fields))
        .isEqualTo(
            "{\"text\":\"\\u00E9\\n\\\"q\\\"\",\"loss\":1.5,\"perplexity\":null,\"epochs\":3}");
  }
}
