// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.spark.report.Figures;
import org.unroll.spark.rounds.RoundsKind;

/** Specifications in words. */
final class Descriptions {
  private Descriptions() {}

  /** Such as {@code LSTM, 2 layers of 128 units, embedding 128, vocabulary 65}. */
  static String of(ModelSpec model) {
    return name(model.cell())
        + ", "
        + Figures.count(model.layers(), "layer")
        + " of "
        + Figures.count(model.hidden(), "unit")
        + ", embedding "
        + Figures.count(model.embedding())
        + (model.tied() ? " (tied)" : "")
        + ", vocabulary "
        + Figures.count(model.vocabulary());
  }

  static String name(CellType cell) {
    return switch (cell) {
      case RNN_TANH -> "Elman (tanh)";
      case RNN_RELU -> "Elman (ReLU)";
      case GRU -> "GRU";
      case LSTM -> "LSTM";
    };
  }

  static String of(RoundsKind rounds) {
    return switch (rounds) {
      case RESIDENT -> "resident";
      case JOB -> "a Spark job a round";
    };
  }
}
