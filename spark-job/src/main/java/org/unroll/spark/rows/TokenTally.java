// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import scala.Tuple2;

/** How often the tokens of one row occur. */
final class TokenTally {
  private TokenTally() {}

  static Iterator<Tuple2<String, Long>> of(String[] tokens) {
    Map<String, Long> counts = new HashMap<>();
    for (String token : tokens) {
      counts.merge(token, 1L, Long::sum);
    }
    return counts.entrySet().stream().map(e -> new Tuple2<>(e.getKey(), e.getValue())).iterator();
  }
}
