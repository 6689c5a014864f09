// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.DistinctTokens;
import org.unroll.rnn.nn.Encoder;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Linear;
import org.unroll.rnn.nn.ParamLayout;

/** The passes of a reader over batches up to a size, with all their buffers. */
final class ReaderPass {
  private static final long INPUT_SITE = 1;
  private static final long ENCODER_SITE = 2;

  /**
   * What a batch has, or may have.
   *
   * @param positions steps of all sequences together
   * @param steps of the longest
   * @param rows sequences
   * @param characters of all distinct words together
   * @param wordLength of the longest word
   * @param words distinct ones
   */
  record Size(int positions, int steps, int rows, int characters, int wordLength, int words) {
    static Size of(SequenceBatch batch) {
      Packing p = batch.packing();
      if (batch.words() == null) {
        return new Size(p.positions(), p.steps(), p.rows(), 0, 0, 0);
      }
      Packing w = batch.words().packing();
      return new Size(p.positions(), p.steps(), p.rows(), w.positions(), w.steps(), w.rows());
    }

    boolean holds(Size other) {
      return positions >= other.positions
          && steps >= other.steps
          && rows >= other.rows
          && characters >= other.characters
          && wordLength >= other.wordLength
          && words >= other.words;
    }

    /** What holds both, with some room where this one is too small. */
    Size grown(Size other) {
      return new Size(
          grown(positions, other.positions),
          grown(steps, other.steps),
          grown(rows, other.rows),
          grown(characters, other.characters),
          grown(wordLength, other.wordLength),
          grown(words, other.words));
    }

    private static int grown(int have, int need) {
      return need <= have ? have : (int) Math.min(Integer.MAX_VALUE, need + need / 4L);
    }
  }

  final Size size;
  private final Inputs inputs;
  private final Encoder encoder;
  private final Pooling pooling;
  private final Linear decoder;
  private final Criterion criterion;
  private final boolean ofSequences;
  private final int width;

  /** With pooling, the vectors of the sequences {@code [B, W]}, and their gradients. */
  private final float[] pooled;

  private final float[] pooledGradient;
  private final float[] outputGradient;
  private final float[] scores;
  private SequenceBatch batch;

  ReaderPass(ReaderModel model, Size size, Team team) {
    this.size = size;
    ReaderSpec spec = model.spec();
    ParamLayout layout = model.layout();
    ofSequences = spec.head().target() == Target.SEQUENCE;
    width = spec.encoder().outputSize();
    inputs = new Inputs(model, size, team);
    int distinct =
        Inputs.readsTokens(spec)
            ? DistinctTokens.capacity(spec.inputs().columns().get(0).vocabulary(), size.positions())
            : 0;
    Encoder.Capacity capacity =
        new Encoder.Capacity(size.positions(), size.steps(), size.rows(), distinct);
    encoder = new Encoder(spec.encoder(), layout, ReaderModel.RNN, capacity, team);
    pooling =
        ofSequences
            ? Pooling.of(
                spec.pooling(),
                spec.encoder().direction(),
                layout,
                ReaderModel.ATTENTION,
                width,
                size.positions(),
                size.rows(),
                team)
            : null;
    decoder = new Linear(layout, ReaderModel.DECODER, team);
    criterion = spec.head().criterion(layout, size.positions(), size.rows(), team);
    pooled = new float[ofSequences ? Math.multiplyExact(size.rows(), width) : 0];
    pooledGradient = new float[pooled.length];
    outputGradient = new float[Math.multiplyExact(size.positions(), width)];
    int places = ofSequences ? size.rows() : size.positions();
    scores = new float[Math.multiplyExact(places, spec.head().scores())];
  }

  /** Bytes of the buffers for batches up to a size. */
  static long bytes(ReaderModel model, Size size) {
    return new ReaderPass(model, size, new Team(1)).bytes();
  }

  void loadForward(float[] params) {
    inputs.loadForward(params);
    encoder.loadForward(params);
    if (pooling != null) {
      pooling.load(params);
    }
    decoder.load(params);
    criterion.load(params);
  }

  void loadBackward(float[] params) {
    inputs.loadBackward(params);
    encoder.loadBackward(params);
  }

  Loss train(SequenceBatch batch, long dropoutKey, Gradient gradient) {
    this.batch = batch;
    Packing packing = batch.packing();
    DistinctTokens distinct = inputs.forward(batch, true, RandomBits.key(dropoutKey, INPUT_SITE));
    long key = RandomBits.key(dropoutKey, ENCODER_SITE);
    encoder.forwardTraining(inputs.vectors, distinct, packing, null, key);
    score();
    Loss loss = criterion.train(scores, batch, gradient);
    if (ofSequences) {
      decoder.backward(scores, pooledGradient, false, gradient);
      pooling.backward(pooledGradient, outputGradient, gradient);
    } else {
      decoder.backward(scores, outputGradient, false, gradient);
    }
    float[] wanted = inputs.wantGradient() ? inputs.gradient : null;
    encoder.backward(outputGradient, wanted, null, gradient);
    if (wanted != null) {
      inputs.backward(gradient);
    }
    return loss;
  }

  private void score() {
    if (ofSequences) {
      pooling.forward(encoder.output(), encoder.outputOffset(), batch.packing(), pooled);
      decoder.forward(pooled, 0, batch.rows(), scores);
    } else {
      int n = batch.packing().positions();
      decoder.forward(encoder.output(), encoder.outputOffset(), n, scores);
    }
  }

  void read(SequenceBatch batch) {
    this.batch = batch;
    DistinctTokens distinct = inputs.forward(batch, false, 0);
    encoder.forward(inputs.vectors, distinct, batch.packing(), null);
    score();
  }

  Loss loss() {
    return criterion.loss(scores, batch, false);
  }

  Prediction prediction(int row, int beam) {
    return criterion.predict(scores, batch, row, beam);
  }

  float[] outputs(int row) {
    Packing packing = batch.packing();
    float[] own = new float[packing.length(row) * width];
    for (int t = 0; t < packing.length(row); t++) {
      int from = encoder.outputOffset() + (packing.at(t) + row) * width;
      System.arraycopy(encoder.output(), from, own, t * width, width);
    }
    return own;
  }

  float[] pooled(int row) {
    return Arrays.copyOfRange(pooled, row * width, (row + 1) * width);
  }

  long bytes() {
    return inputs.bytes()
        + encoder.bytes()
        + 4L * (2L * pooled.length + outputGradient.length + scores.length);
  }
}
