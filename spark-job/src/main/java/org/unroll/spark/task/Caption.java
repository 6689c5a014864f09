// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;

/** What can be said of a picture, whose regions, or all of which, are vectors of numbers. */
public record Caption(Form form) implements Writing {
  @Override
  public String name() {
    return "caption";
  }

  @Override
  public Writing with(Form other) {
    return new Caption(other);
  }

  /** Returns false: the pictures of a data set are grids of one size. */
  @Override
  public boolean byLength() {
    return false;
  }

  @Override
  public List<AnswerMetric.Kind> kinds() {
    return List.of(AnswerMetric.Kind.BLEU_BY_ORDER, AnswerMetric.Kind.EXACT);
  }
}
