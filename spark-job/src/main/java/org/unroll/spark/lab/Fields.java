// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.LinkedHashMap;
import java.util.Map;

/** Named values in the order in which they are written. */
final class Fields {
  private Fields() {}

  /** Names and values by turns. */
  static Map<String, Object> of(Object... namesAndValues) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }
}
