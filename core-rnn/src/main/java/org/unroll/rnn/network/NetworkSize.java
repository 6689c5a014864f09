// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.List;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.nn.AdaptiveSoftmax;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A size is what a network takes, reckoned from its specification before anything is laid out: it
 * is told at once of any numbers, even of those that nothing could hold.
 *
 * @param parameters how many there are
 * @param packed floats of the matrices that a {@link Pass} packs, at least
 * @param step floats of its buffers for every step of a batch, at least
 * @param widest floats for every step in the largest of those buffers
 */
public record NetworkSize(double parameters, double packed, double step, double widest) {
  /** The most elements that an array can have. */
  public static final int MOST_ELEMENTS = Integer.MAX_VALUE - 8;

  /** Returns the size of recurrent layers alone, which is the least of any network with them. */
  public static NetworkSize of(RnnSpec layers) {
    double both = layers.direction().count();
    double gates = layers.cell().gates();
    double hidden = layers.hiddenSize();
    double last = layers.lastSize();
    double more = layers.layers() - 1.0;
    double units = both * (hidden * more + last);
    double weights =
        more == 0
            ? last * (layers.inputSize() + last)
            : hidden * (layers.inputSize() + hidden)
                + (more - 1) * hidden * (both * hidden + hidden)
                + last * (both * hidden + last);
    double matrices = both * gates * weights;
    double others = (layers.bias() ? 2 * gates * units : 0) + (layers.layerNorm() ? 2 * units : 0);
    return new NetworkSize(
        matrices + others,
        2 * matrices,
        units * (gates + layers.cell().stateSlots()) + both * last,
        Math.max(gates, both) * (more == 0 ? last : Math.max(hidden, last)));
  }

  /** Returns the size of a whole network. */
  public static NetworkSize of(NetworkSpec spec) {
    RnnSpec encoder = spec.encoder();
    NetworkSize layers = encoder == null ? new NetworkSize(0, 0, 0, 0) : of(encoder);
    double width =
        encoder == null
            ? spec.inputs().width()
            : (double) encoder.direction().count() * encoder.lastSize();
    DecoderSpec decoder = spec.decoder();
    double headInput = decoder == null ? width : decoder.layers().lastSize();
    double parameters =
        layers.parameters
            + pooling(spec.pooling(), width)
            + (decoder == null ? 0 : decoder(decoder, width))
            + head(spec, headInput);
    for (InputSpec.TokenColumn column : spec.inputs().columns()) {
      parameters += (double) column.vocabulary() * column.embedding();
    }
    InputSpec.WordSpec words = spec.inputs().words();
    if (words != null) {
      parameters += (double) words.vocabulary() * words.embedding();
      parameters += of(words.encoder()).parameters + pooling(words.pooling(), 2.0 * words.hidden());
    }
    if (spec.learnedState()) {
      double units = (double) encoder.hiddenSize() * (encoder.layers() - 1) + encoder.lastSize();
      parameters += encoder.direction().count() * encoder.cell().stateSlots() * units;
    }
    double inputs = spec.inputs().width();
    boolean ofSteps = spec.head().target() == Target.STEP;
    // Of a vocabulary, the scores of a few steps are held at a time.
    double scores = ofSteps && !isLanguage(spec) ? spec.head().scores() : 0;
    return new NetworkSize(
        parameters,
        layers.packed,
        layers.step + inputs + scores,
        Math.max(layers.widest, Math.max(inputs, scores)));
  }

  /** Returns the parameters of a decoder about outputs of a width. */
  private static double decoder(DecoderSpec spec, double width) {
    RnnSpec layers = spec.layers();
    double hidden = layers.lastSize();
    double state =
        layers.cell().stateSlots() * ((layers.layers() - 1.0) * layers.hiddenSize() + hidden);
    double parameters = of(layers).parameters;
    if (!spec.sharedEmbedding()) {
      parameters += (double) spec.vocabulary() * spec.embedding();
    }
    if (spec.bridge() == DecoderSpec.Bridge.LINEAR) {
      parameters += state * (width + 1);
    }
    if (spec.attention() == null) {
      return parameters;
    }
    double scores =
        switch (spec.attention()) {
          case DOT -> 0;
          case GENERAL -> hidden * width;
          case ADDITIVE -> hidden * (hidden + width + 1);
        };
    return parameters + scores + hidden * (hidden + width);
  }

  private static boolean isLanguage(NetworkSpec spec) {
    return spec.head() instanceof HeadSpec.Vocabulary;
  }

  private static double pooling(Pooling.Type type, double width) {
    return type == Pooling.Type.ATTENTION ? width * (width + 2) : 0;
  }

  private static double head(NetworkSpec spec, double width) {
    double scores = spec.head().scores();
    if (spec.head() instanceof HeadSpec.Vocabulary head && !head.cutoffs().isEmpty()) {
      return adaptive(head, width);
    }
    if (spec.head() instanceof HeadSpec.Vocabulary head) {
      return (head.tied() ? 0 : scores * width) + (head.bias() ? scores : 0);
    }
    double crf = spec.head() instanceof HeadSpec.LinearCrf ? scores * (scores + 2) : 0;
    return scores * (width + 1) + crf;
  }

  /** Returns the parameters of a head over frequent tokens and clusters, and of the clusters. */
  private static double adaptive(HeadSpec.Vocabulary head, double width) {
    List<Integer> cutoffs = head.cutoffs();
    int clusters = cutoffs.size();
    double parameters = ((double) cutoffs.get(0) + clusters) * (width + (head.bias() ? 1 : 0));
    for (int c = 0; c < clusters; c++) {
      double own = (c + 1 < clusters ? cutoffs.get(c + 1) : head.tokens()) - cutoffs.get(c);
      parameters += AdaptiveSoftmax.tailWidth((int) width, head.divisor(), c) * (width + own);
    }
    return parameters;
  }

  /** Returns whether the parameters fit into one array, as they must. */
  public boolean fits() {
    return parameters <= MOST_ELEMENTS;
  }
}
