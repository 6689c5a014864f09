// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;

/** The same text in another language: of every pair, one side is read and the other written. */
public record Translate(Form form) implements Writing {
  @Override
  public String name() {
    return "translate";
  }

  @Override
  public Writing with(Form other) {
    return new Translate(other);
  }

  @Override
  public List<AnswerMetric.Kind> kinds() {
    return List.of(AnswerMetric.Kind.BLEU, AnswerMetric.Kind.CHRF);
  }
}
