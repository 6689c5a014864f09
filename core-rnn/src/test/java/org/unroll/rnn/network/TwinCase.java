// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.CellType;

/**
 * A model with random numbers and a random window, of awkward sizes.
 *
 * @param ragged whether rows end early, some at once, and some targets are masked
 * @param seed of all numbers
 */
record TwinCase(ModelSpec spec, int steps, int rows, boolean ragged, long seed) {
  private static final int[] HIDDEN = {1, 3, 17, 33};
  private static final int[] ROWS = {1, 2, 5};
  private static final int[] STEPS = {1, 4, 7};
  private static final int[] EMBEDDING = {5, 1, 18};
  private static final int[] VOCABULARY = {11, 2, 37};

  /**
   * Every cell with 1 to 3 layers of every width, each twice: once with a random choice of options,
   * once with the opposite of each.
   */
  static List<TwinCase> all() {
    List<TwinCase> cases = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      for (int layers = 1; layers <= 3; layers++) {
        for (int hidden : HIDDEN) {
          int i = cases.size() / 2;
          int options = (int) (RandomBits.bits(1, i) & 31);
          cases.add(of(cell, layers, hidden, options, i));
          cases.add(of(cell, layers, hidden, ~options, i + 1));
        }
      }
    }
    return cases;
  }

  /** Windows of more rows than the layers work on at a time: with all options, and with none. */
  static List<TwinCase> severalChunks() {
    List<TwinCase> cases = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      cases.add(
          new TwinCase(new ModelSpec(11, 5, cell, 2, 5, true, 0.3, true, true), 30, 40, true, 1));
      cases.add(
          new TwinCase(new ModelSpec(11, 4, cell, 2, 6, false, 0, false, false), 30, 40, false, 2));
    }
    // One step of these rows is more than that already.
    cases.add(
        new TwinCase(
            new ModelSpec(7, 3, CellType.LSTM, 1, 3, true, 0, false, true), 3, 600, true, 3));
    return cases;
  }

  private static TwinCase of(CellType cell, int layers, int hidden, int options, int i) {
    boolean tied = (options & 2) != 0;
    ModelSpec spec =
        new ModelSpec(
            VOCABULARY[(i + layers) % 3],
            tied ? hidden : EMBEDDING[i % 3],
            cell,
            layers,
            hidden,
            (options & 1) != 0,
            (options & 4) != 0 ? 0.3 : 0,
            tied,
            (options & 8) != 0);
    return new TwinCase(spec, STEPS[i % 3], ROWS[i / 3 % 3], (options & 16) != 0, i);
  }

  /** Parameters large enough for gates to leave their linear range. */
  float[] params(SequenceModel model) {
    float scale = Math.min(0.7f, 2 / (float) Math.sqrt(spec.hidden()));
    return uniform(model.layout().size(), scale, 1);
  }

  /** The state before the window. */
  float[] state(SequenceModel model) {
    return uniform(model.stateSize(rows), 0.9f, 2);
  }

  /** Numbers in +-scale. */
  float[] uniform(int n, float scale, long use) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = scale * (2 * RandomBits.uniform(RandomBits.key(seed, use), i) - 1);
    }
    return values;
  }

  Batch batch() {
    Batch batch = new Batch();
    batch.reshape(steps, rows);
    for (int i = 0; i < steps * rows; i++) {
      batch.inputs()[i] = random(3, i, spec.vocabulary());
      batch.targets()[i] = random(4, i, spec.vocabulary());
      if (ragged && random(5, i, 4) == 0) {
        batch.targets()[i] = Batch.MASKED;
      }
    }
    for (int row = 0; ragged && row < rows; row++) {
      batch.lengths()[row] = row == 0 ? (steps + 1) / 2 : random(6, row, steps + 1);
      for (int t = batch.lengths()[row]; t < steps; t++) {
        batch.targets()[t * rows + row] = Batch.MASKED;
      }
    }
    return batch;
  }

  private int random(long use, int i, int bound) {
    return (int) Long.remainderUnsigned(RandomBits.bits(RandomBits.key(seed, use), i), bound);
  }

  @Override
  public String toString() {
    return "%s layers=%d H=%d E=%d V=%d T=%d B=%d%s%s%s%s%s"
        .formatted(
            spec.cell(),
            spec.layers(),
            spec.hidden(),
            spec.embedding(),
            spec.vocabulary(),
            steps,
            rows,
            spec.bias() ? " bias" : "",
            spec.tied() ? " tied" : "",
            spec.dropout() > 0 ? " dropout" : "",
            spec.learnedState() ? " learned" : "",
            ragged ? " ragged" : "");
  }
}
