// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;

/**
 * An item loss is one of items, sequences or steps, of which some may not count. Threads share the
 * items, and their losses are added in the order of the items.
 */
abstract sealed class ItemLoss implements Criterion permits SoftmaxLoss, CrfLoss, CtcLoss {
  final int classes;

  /** The items of the batch at work that count. */
  final boolean[] counts;

  final Team team;

  // The pass at work.
  float[] scores;
  Batch batch;
  private boolean training;
  private final double[] losses;
  private final Team.Task task = this::items;

  /** Prepares for so many items. */
  ItemLoss(int classes, int items, Team team) {
    this.classes = classes;
    this.team = team;
    losses = new double[items];
    counts = new boolean[items];
  }

  /** Returns how many items a batch has: its sequences, unless a loss says otherwise. */
  int items(Batch batch) {
    return batch.rows();
  }

  /** Returns whether an item has all it takes to be learnt. */
  abstract boolean canCount(int item);

  /**
   * Returns the loss of an item that counts; in training its scores are replaced by the gradient.
   *
   * @param part which thread
   */
  abstract double loss(int part, int item, boolean training);

  /** Returns what the loss of an item weighs. */
  abstract double weight(int item);

  @Override
  public final Loss loss(float[] scores, Batch batch, boolean training) {
    this.scores = scores;
    this.batch = batch;
    this.training = training;
    team.run(task);
    double loss = 0;
    double weight = 0;
    for (int item = 0; item < items(batch); item++) {
      if (counts[item]) {
        loss += losses[item];
        weight += weight(item);
      }
    }
    return new Loss(loss, weight);
  }

  /** Works on every so many-th item, as the first sequences are the longest. */
  private void items(int part, int parts) {
    for (int item = part; item < items(batch); item += parts) {
      counts[item] = canCount(item);
      if (counts[item]) {
        losses[item] = loss(part, item, training);
      } else if (training) {
        clearGradient(item);
      }
    }
  }

  /** Clears the gradient of an item that does not count. */
  void clearGradient(int row) {
    Packing packing = batch.packing();
    for (int t = 0; t < packing.length(row); t++) {
      int at = (packing.at(t) + row) * classes;
      Arrays.fill(scores, at, at + classes, 0f);
    }
  }
}
