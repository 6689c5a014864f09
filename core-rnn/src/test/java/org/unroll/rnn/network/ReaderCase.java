// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.BatchShape;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.EncoderSpec;

/**
 * A reader with random numbers and sequences of random lengths, some of them empty.
 *
 * @param seed of all numbers
 */
record ReaderCase(ReaderSpec spec, long seed) {
  private static final int ROWS = 6;
  private static final int LONGEST = 4;
  private static final List<DropoutSpec> DROPOUTS =
      List.of(
          DropoutSpec.NONE,
          new DropoutSpec(0.3, 0, 0.3, 0.3, 0.3, true),
          new DropoutSpec(0, 0.3, 0.3, 0.3, 0, false),
          new DropoutSpec(0.2, 0.2, 0.2, 0.2, 0.2, true));
  private static final WordSpec WORDS = new WordSpec(7, 2, CellType.LSTM, 3, PoolingType.LAST);
  private static final List<InputSpec> INPUTS =
      List.of(
          InputSpec.ofTokens(5, 3),
          InputSpec.ofFeatures(3),
          new InputSpec(List.of(new TokenColumn(5, 3), new TokenColumn(3, 1)), 2, WORDS),
          new InputSpec(
              List.of(new TokenColumn(4, 2, false)),
              0,
              new WordSpec(7, 3, CellType.GRU, 2, PoolingType.MAX)));
  private static final List<HeadSpec> HEADS =
      List.of(
          new HeadSpec.Softmax(3, Target.SEQUENCE),
          new HeadSpec.Softmax(4, Target.STEP, 0.1, List.of(1.0, 0.5, 2.0, 0.0)),
          new HeadSpec.LinearCrf(3),
          new HeadSpec.Alignment(2),
          new HeadSpec.Regression(2, Target.SEQUENCE),
          new HeadSpec.Regression(1, Target.STEP),
          new HeadSpec.Softmax(2, Target.SEQUENCE, 0.2, null));

  /** Every cell in every direction with every head; other options go round. */
  static List<ReaderCase> all() {
    List<ReaderCase> cases = new ArrayList<>();
    for (HeadSpec head : HEADS) {
      for (CellType cell : CellType.values()) {
        for (Direction direction : Direction.values()) {
          int i = cases.size();
          cases.add(of(head, cell, direction, (int) (RandomBits.bits(3, i) & 0xff), i));
        }
      }
    }
    return cases;
  }

  private static ReaderCase of(
      HeadSpec head, CellType cell, Direction direction, int options, int seed) {
    InputSpec inputs = INPUTS.get(options & 3);
    EncoderSpec encoder =
        new EncoderSpec(
            cell,
            inputs.width(),
            3 + 2 * (options >> 2 & 1),
            1 + seed % 3,
            (options & 8) == 0,
            direction,
            (options & 16) != 0,
            (options & 32) != 0,
            DROPOUTS.get(options >> 6));
    PoolingType pooling =
        head.target() == Target.SEQUENCE ? PoolingType.values()[seed / 2 % 4] : null;
    return new ReaderCase(new ReaderSpec(inputs, encoder, pooling, head), seed);
  }

  ReaderCase with(Function<ReaderSpec, ReaderSpec> change) {
    return new ReaderCase(change.apply(spec), seed);
  }

  /** Parameters large enough for gates to leave their linear range. */
  float[] params(ReaderModel model) {
    return uniform(model.layout().size(), 0.8f, 1);
  }

  /** Numbers in +-scale. */
  float[] uniform(int n, float scale, long use) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = scale * (2 * RandomBits.uniform(RandomBits.key(seed, use), i) - 1);
    }
    return values;
  }

  SequenceBatch batch() {
    return batch(examples());
  }

  SequenceBatch batch(List<SequenceExample> examples) {
    SequenceBatch batch = new SequenceBatch(spec.batchShape());
    batch.fill(examples);
    return batch;
  }

  List<SequenceExample> examples() {
    List<SequenceExample> examples = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      examples.add(example(row, row == 2 ? LONGEST : random(10, row, LONGEST + 1)));
    }
    return examples;
  }

  private SequenceExample example(int row, int steps) {
    InputSpec inputs = spec.inputs();
    int[][] tokens = new int[inputs.columns().size()][steps];
    for (int c = 0; c < tokens.length; c++) {
      int column = c;
      Arrays.setAll(
          tokens[c],
          t -> random(20 + column, row * 9 + t, inputs.columns().get(column).vocabulary()));
    }
    int[][] words = null;
    if (inputs.words() != null) {
      words = new int[steps][];
      for (int t = 0; t < steps; t++) {
        int at = row * 9 + t;
        words[t] = new int[random(30, at, 4)];
        Arrays.setAll(words[t], i -> random(31, at * 9 + i, inputs.words().vocabulary()));
      }
    }
    float[] features =
        inputs.features() == 0 ? null : uniform(steps * inputs.features(), 1, 40 + row);
    BatchShape shape = spec.batchShape();
    int places = shape.target() == Target.STEP ? steps : 1;
    int[] labels = null;
    float[] values = null;
    if (shape.values() > 0) {
      values = uniform(places * shape.values(), 1, 60 + row);
      if (row == 2) {
        values[0] = Float.NaN;
      }
    } else {
      labels = labels(row, places);
    }
    return new SequenceExample("s" + row, steps, tokens, words, features, labels, values);
  }

  private int[] labels(int row, int places) {
    boolean aligned = spec.head().target() != Target.UNALIGNED;
    int[] labels = new int[aligned ? places : random(50, row, 3)];
    int count = spec.head().scores() - (aligned ? 0 : 1);
    Arrays.setAll(labels, i -> random(51, row * 9 + i, count) + (aligned ? 0 : 1));
    if (aligned && row == 3 && labels.length > 0) {
      labels[0] = Batch.MASKED;
    }
    return labels;
  }

  private int random(long use, int i, int bound) {
    return (int) Long.remainderUnsigned(RandomBits.bits(RandomBits.key(seed, use), i), bound);
  }

  @Override
  public String toString() {
    return seed + " " + spec;
  }
}
