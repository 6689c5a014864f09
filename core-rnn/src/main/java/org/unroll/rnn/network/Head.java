// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.AdaptiveSoftmax;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Linear;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.nn.RnnStack.Capacity;
import org.unroll.rnn.nn.SoftmaxHead;
import org.unroll.rnn.nn.TokenSoftmax;

/**
 * A head makes the loss and the answers of an encoder's outputs, with the buffers for it. Not for
 * use by two callers at a time.
 */
abstract sealed class Head permits Head.Scores, Head.Words {

  /** Prepares for batches up to a size. */
  static Head of(Network network, Capacity most, Team team) {
    return network.spec().head() instanceof HeadSpec.Vocabulary
        ? new Words(network, most.positions(), team)
        : new Scores(network, most, team);
  }

  /** Takes the parameters as they are now; to be called whenever they changed. */
  abstract void load(float[] params);

  /**
   * Makes the loss and its gradients.
   *
   * @param y outputs {@code [N, W]} from {@code yo} on
   * @param dy set to their gradient {@code [N, W]}
   * @param into what the parameters' gradients are added to
   */
  abstract Loss train(float[] y, int yo, Batch batch, float[] dy, Gradient into);

  /** Reads the outputs of a batch, about which {@link #loss} and {@link #prediction} then tell. */
  abstract void read(float[] y, int yo, Batch batch);

  /** Returns the summed loss of what was read. */
  abstract Loss loss();

  /** Returns what was said of the sequence in a row; see {@link Criterion#predict}. */
  abstract Prediction prediction(int row, int beam);

  /** Writes the scores {@code [count, C]} of outputs. */
  abstract void scores(float[] y, int yo, int count, float[] out);

  /**
   * Writes the logarithms of the probabilities {@code [count, V]} of the tokens of a vocabulary.
   */
  void logProbabilities(float[] y, int yo, int count, float[] out) {
    throw new IllegalStateException("only a head over a vocabulary has probabilities of tokens");
  }

  /** Returns the bytes of the buffers and of all that training packs. */
  abstract long bytes();

  /** Scores are made by a linear layer, of outputs or of what pooling makes of them. */
  static final class Scores extends Head {
    private final boolean ofSequences;
    private final Pooling pooling;
    private final Linear linear;
    private final Criterion criterion;

    // The vectors of the sequences [B, W], where there is pooling.
    private final float[] pooled;
    private final float[] pooledGradient;
    private final float[] scores;
    private Batch batch;

    private Scores(Network network, Capacity most, Team team) {
      NetworkSpec spec = network.spec();
      ParamLayout layout = network.layout();
      RnnSpec encoder = spec.encoder();
      ofSequences = spec.head().target() == Target.SEQUENCE;
      pooling =
          ofSequences
              ? Pooling.of(spec.pooling(), encoder, layout, Network.ATTENTION, most, team)
              : null;
      linear = new Linear(layout, Network.OUTPUT, team);
      criterion = Criterion.of(spec.head(), layout, most, team);
      pooled = new float[ofSequences ? Math.multiplyExact(most.rows(), encoder.outputSize()) : 0];
      pooledGradient = new float[pooled.length];
      int places = ofSequences ? most.rows() : most.positions();
      scores = new float[Math.multiplyExact(places, spec.head().scores())];
    }

    @Override
    void load(float[] params) {
      if (pooling != null) {
        pooling.load(params);
      }
      linear.load(params);
      criterion.load(params);
    }

    @Override
    Loss train(float[] y, int yo, Batch batch, float[] dy, Gradient into) {
      read(y, yo, batch);
      Loss loss = criterion.train(scores, batch, into);
      if (ofSequences) {
        linear.backward(scores, pooledGradient, false, into);
        pooling.backward(pooledGradient, dy, into);
      } else {
        linear.backward(scores, dy, false, into);
      }
      return loss;
    }

    @Override
    void read(float[] y, int yo, Batch batch) {
      this.batch = batch;
      if (ofSequences) {
        pooling.forward(y, yo, batch.packing(), pooled);
        linear.forward(pooled, 0, batch.rows(), scores);
      } else {
        linear.forward(y, yo, batch.packing().positions(), scores);
      }
    }

    @Override
    Loss loss() {
      return criterion.loss(scores, batch, false);
    }

    @Override
    Prediction prediction(int row, int beam) {
      return criterion.predict(scores, batch, row, beam);
    }

    @Override
    void scores(float[] y, int yo, int count, float[] out) {
      linear.forward(y, yo, count, out);
    }

    @Override
    long bytes() {
      return 4L * (2L * pooled.length + scores.length);
    }
  }

  /** Words are the next tokens of texts: softmax over a vocabulary, whose scores are not held. */
  static final class Words extends Head {
    private final TokenSoftmax softmax;

    /** The losses of the positions that were read. */
    private final double[] losses;

    /** Whether the tokens are those of a decoder. */
    private final boolean writes;

    /** Whether the token of a position that was read was the most probable. */
    private final boolean[] right;

    private Batch batch;

    private Words(Network network, int positions, Team team) {
      HeadSpec.Vocabulary spec = (HeadSpec.Vocabulary) network.spec().head();
      softmax = softmax(network, spec, positions, team);
      losses = new double[positions];
      writes = network.spec().decoder() != null;
      right = new boolean[writes ? positions : 0];
    }

    private static TokenSoftmax softmax(
        Network network, HeadSpec.Vocabulary spec, int positions, Team team) {
      ParamLayout layout = network.layout();
      int clusters = spec.cutoffs().size();
      if (clusters > 0) {
        return new AdaptiveSoftmax(layout, Network.OUTPUT, clusters, positions, team);
      }
      Param bias = spec.bias() ? layout.get(Network.DECODER_BIAS) : null;
      return new SoftmaxHead(network.vocabularyMatrix(), bias, spec.smoothing(), positions, team);
    }

    @Override
    void load(float[] params) {
      softmax.load(params);
    }

    @Override
    Loss train(float[] y, int yo, Batch batch, float[] dy, Gradient into) {
      int n = packing(batch).positions();
      return new Loss(softmax.train(y, yo, batch.labels(), n, dy, into), scored(batch));
    }

    @Override
    void read(float[] y, int yo, Batch batch) {
      this.batch = batch;
      softmax.evaluate(
          y, yo, batch.labels(), packing(batch).positions(), losses, writes ? right : null);
    }

    /** Returns where the tokens to be told lie. */
    private Packing packing(Batch batch) {
      return writes ? batch.written() : batch.packing();
    }

    @Override
    Loss loss() {
      double sum = 0;
      for (int p = 0; p < packing(batch).positions(); p++) {
        sum += losses[p];
      }
      return new Loss(sum, scored(batch));
    }

    private int scored(Batch batch) {
      int scored = 0;
      for (int p = 0; p < packing(batch).positions(); p++) {
        scored += batch.labels()[p] >= 0 ? 1 : 0;
      }
      return scored;
    }

    /**
     * Returns the negative logarithms of the probabilities of a row's tokens, NaN if masked; and of
     * a decoder which of the tokens were the most probable.
     */
    @Override
    Prediction prediction(int row, int beam) {
      Packing packing = packing(batch);
      int own = row;
      for (int i = 0; writes && i < packing.rows(); i++) {
        own = batch.sources()[i] == row ? i : own;
      }
      float[] values = new float[packing.length(own)];
      int[] labels = new int[writes ? values.length : 0];
      for (int t = 0; t < values.length; t++) {
        int p = packing.at(t) + own;
        values[t] = batch.labels()[p] < 0 ? Float.NaN : (float) losses[p];
        if (writes) {
          labels[t] = right[p] ? batch.labels()[p] : Batch.MASKED;
        }
      }
      return Prediction.ofValues(values).withLabels(labels);
    }

    @Override
    void scores(float[] y, int yo, int count, float[] out) {
      softmax.logits(y, yo, count, out);
    }

    @Override
    void logProbabilities(float[] y, int yo, int count, float[] out) {
      softmax.logProbabilities(y, yo, count, out);
    }

    @Override
    long bytes() {
      return softmax.bytes() + 8L * losses.length;
    }
  }
}
