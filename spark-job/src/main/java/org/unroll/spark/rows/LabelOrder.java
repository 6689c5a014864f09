// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.unroll.rnn.data.Vocabulary;
import scala.Tuple2;

/** The order that gives labels their ids. */
final class LabelOrder {
  private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,30}(\\.\\d{1,30})?");

  private LabelOrder() {}

  /** Numbers by value where all labels are numbers, else code points. */
  static Comparator<String> of(List<Tuple2<String, Long>> labels) {
    Comparator<String> byCodePoint = Vocabulary::compareTokens;
    boolean numbers = labels.stream().allMatch(label -> NUMBER.matcher(label._1()).matches());
    return numbers
        ? Comparator.<String, BigDecimal>comparing(BigDecimal::new).thenComparing(byCodePoint)
        : byCodePoint;
  }
}
