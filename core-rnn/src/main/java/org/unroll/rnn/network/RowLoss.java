// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;

/**
 * A row loss is one of whole sequences, of which some may not count. Threads share the sequences,
 * and their losses are added in the order of the rows.
 */
abstract sealed class RowLoss implements Criterion permits CrfLoss, CtcLoss {
  final int classes;

  /** The rows of the batch at work that count. */
  final boolean[] counts;

  final Team team;

  // The pass at work.
  float[] scores;
  Batch batch;
  private boolean training;
  private final double[] losses;
  private final Team.Task task = this::rows;

  RowLoss(int classes, int rows, Team team) {
    this.classes = classes;
    this.team = team;
    losses = new double[rows];
    counts = new boolean[rows];
  }

  /** Returns whether a row has all it takes to be learnt. */
  abstract boolean canCount(int row);

  /**
   * Returns the loss of a row that counts; in training its scores are replaced by the gradient.
   *
   * @param part which thread
   */
  abstract double loss(int part, int row, boolean training);

  /** Returns what the loss of a row weighs. */
  abstract int weight(int row);

  @Override
  public final Loss loss(float[] scores, Batch batch, boolean training) {
    this.scores = scores;
    this.batch = batch;
    this.training = training;
    team.run(task);
    double loss = 0;
    int weight = 0;
    for (int row = 0; row < batch.rows(); row++) {
      if (counts[row]) {
        loss += losses[row];
        weight += weight(row);
      }
    }
    return new Loss(loss, weight);
  }

  /** Works on every so many-th sequence, as the first ones are the longest. */
  private void rows(int part, int parts) {
    for (int row = part; row < batch.rows(); row += parts) {
      counts[row] = canCount(row);
      if (counts[row]) {
        losses[row] = loss(part, row, training);
      } else if (training) {
        clearGradient(row);
      }
    }
  }

  private void clearGradient(int row) {
    Packing packing = batch.packing();
    for (int t = 0; t < packing.length(row); t++) {
      int at = (packing.at(t) + row) * classes;
      Arrays.fill(scores, at, at + classes, 0f);
    }
  }
}
