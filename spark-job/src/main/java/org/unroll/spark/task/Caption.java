// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import org.unroll.spark.report.Measure;

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

  @Override
  public Measure measure() {
    return Measure.LANGUAGE_MODEL;
  }

  @Override
  public String accuracyName() {
    return "token_accuracy";
  }

  @Override
  public List<AnswerMetric.Kind> kinds() {
    return List.of(AnswerMetric.Kind.BLEU_BY_ORDER, AnswerMetric.Kind.EXACT);
  }
}
