// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.nn.AdaptiveSoftmax;
import org.unroll.rnn.nn.Linear;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/** A head makes scores of an encoder's outputs by a linear layer; its kind says what they mean. */
public sealed interface HeadSpec extends Serializable {

  /** Returns C, the number of scores of a sequence or of a step. */
  int scores();

  /** Returns the same head over as many tokens or labels as another of its kind. */
  default HeadSpec withSizeOf(HeadSpec other) {
    return this;
  }

  /**
   * Returns where labels or values belong, to steps unless a head says otherwise; what belongs to
   * sequences is made of pooled outputs.
   */
  default Target target() {
    return Target.STEP;
  }

  /** Returns how many numbers are to be found in a place; 0 for labels. */
  default int values() {
    return 0;
  }

  /** Returns whether an example has a target that is known and can be met. */
  default boolean learnsFrom(Example example) {
    if (values() > 0) {
      float[] values = example.values();
      return values != null
          && IntStream.range(0, values.length).anyMatch(i -> !Float.isNaN(values[i]));
    }
    return example.labels() != null && IntStream.of(example.labels()).anyMatch(label -> label >= 0);
  }

  /**
   * Appends the parameters: those of the linear layer, and others that it has.
   *
   * @param width W, the width of what the linear layer reads
   */
  default void layOut(int width, ParamLayout.Builder builder) {
    Linear.layOut(Network.OUTPUT, scores(), width, builder);
  }

  /**
   * This head tells the next token of a text at every step: softmax and cross-entropy over a
   * vocabulary, of which no probability is held.
   *
   * @param tokens V, the size of the vocabulary
   * @param tied whether the matrix is that of the embedding (Press and Wolf 2017)
   * @param bias whether there is a bias
   * @param smoothing which part of the target is spread over all tokens in training (Szegedy et al.
   *     2016)
   * @param cutoffs the first token of every cluster of rare ones; none for no clusters; see {@link
   *     AdaptiveSoftmax}
   * @param divisor by which the vectors for a cluster are narrower than those for the one before
   */
  record Vocabulary(
      int tokens, boolean tied, boolean bias, double smoothing, List<Integer> cutoffs, int divisor)
      implements HeadSpec {
    /** The divisor that is taken unless another is asked for. */
    public static final int DIVISOR = 4;

    public Vocabulary {
      Checks.positive("vocabulary", tokens);
      Checks.fraction("label smoothing", smoothing);
      Checks.present("the list of cutoffs", cutoffs);
      Checks.positive("divisor", divisor);
      requireCutoffs(cutoffs, tokens);
      cutoffs = List.copyOf(cutoffs);
      if (tied && !cutoffs.isEmpty()) {
        throw new IllegalArgumentException(
            "tied weights and cutoffs do not go together: there is no one matrix of all tokens");
      }
      if (smoothing > 0 && !cutoffs.isEmpty()) {
        throw new IllegalArgumentException(
            "label smoothing and cutoffs do not go together: it needs the scores of all tokens");
      }
    }

    /** Makes a head without clusters. */
    public Vocabulary(int tokens, boolean tied, boolean bias, double smoothing) {
      this(tokens, tied, bias, smoothing, List.of(), DIVISOR);
    }

    /** Makes a head without smoothing and clusters. */
    public Vocabulary(int tokens, boolean tied, boolean bias) {
      this(tokens, tied, bias, 0);
    }

    private static void requireCutoffs(List<Integer> cutoffs, int tokens) {
      int before = 0;
      for (Integer cutoff : cutoffs) {
        Checks.present("a cutoff", cutoff);
        if (cutoff <= before) {
          throw new IllegalArgumentException(
              "cutoffs must ascend from 1 on, but %s comes behind %s".formatted(cutoff, before));
        }
        if (cutoff >= tokens) {
          throw new IllegalArgumentException(
              "cutoffs must be below the %s tokens of the vocabulary, but one is %s"
                  .formatted(tokens, cutoff));
        }
        before = cutoff;
      }
    }

    /** Requires that something is left of vectors of a width for every cluster. */
    void requireWidth(int width) {
      int last = cutoffs.size() - 1;
      if (last >= 0 && AdaptiveSoftmax.tailWidth(width, divisor, last) == 0) {
        throw new IllegalArgumentException(
            ("%s clusters are too many for vectors of %s: each has narrower ones by a factor of %s,"
                    + " which leaves nothing for the last")
                .formatted(cutoffs.size(), width, divisor));
      }
    }

    @Override
    public int scores() {
      return tokens;
    }

    @Override
    public HeadSpec withSizeOf(HeadSpec other) {
      return other instanceof Vocabulary
          ? new Vocabulary(other.scores(), tied, bias, smoothing, cutoffs, divisor)
          : this;
    }

    @Override
    public void layOut(int width, ParamLayout.Builder builder) {
      if (!cutoffs.isEmpty()) {
        AdaptiveSoftmax.layOut(Network.OUTPUT, width, tokens, cutoffs, divisor, bias, builder);
        return;
      }
      if (!tied) {
        builder.add(Network.DECODER, Param.Role.OUTPUT_WEIGHT, tokens, width);
      }
      if (bias) {
        builder.add(Network.DECODER_BIAS, Param.Role.OUTPUT_BIAS, tokens);
      }
    }
  }

  /**
   * This head tells one of some classes, of a sequence or of every step: softmax and cross-entropy.
   *
   * @param smoothing which part of the target is spread over all classes (Szegedy et al. 2016)
   * @param weights of the classes in the loss, or null for equal ones
   */
  record Softmax(int classes, Target target, double smoothing, List<Double> weights)
      implements HeadSpec {
    public Softmax {
      Checks.positive("classes", classes);
      requireAligned(target);
      Checks.fraction("label smoothing", smoothing);
      if (weights != null) {
        requireWeights(weights, classes);
        weights = List.copyOf(weights);
      }
    }

    /** Makes a head without smoothing and weights. */
    public Softmax(int classes, Target target) {
      this(classes, target, 0, null);
    }

    @Override
    public int scores() {
      return classes;
    }

    /** Returns the head of that many classes, which weigh what those of the other do. */
    @Override
    public HeadSpec withSizeOf(HeadSpec other) {
      return other instanceof Softmax o
          ? new Softmax(o.classes, target, smoothing, o.weights)
          : this;
    }

    private static void requireWeights(List<Double> weights, int classes) {
      if (weights.size() != classes) {
        throw new IllegalArgumentException(
            "there are " + classes + " classes but " + weights.size() + " class weights");
      }
      for (double weight : weights) {
        if (!(weight >= 0 && Double.isFinite(weight))) {
          throw new IllegalArgumentException(
              "class weights must be zero or positive, and finite, but one is " + weight);
        }
      }
    }
  }

  /** This head tells numbers of a sequence or of every step, as the next ones: squared error. */
  record Regression(int values, Target target) implements HeadSpec {
    public Regression {
      Checks.positive("values", values);
      requireAligned(target);
    }

    @Override
    public int scores() {
      return values;
    }
  }

  /** This head tells a label of every step, with scores of their succession: a linear-chain CRF. */
  record LinearCrf(int labels) implements HeadSpec {
    public LinearCrf {
      Checks.positive("labels", labels);
    }

    @Override
    public int scores() {
      return labels;
    }

    @Override
    public HeadSpec withSizeOf(HeadSpec other) {
      return other instanceof LinearCrf ? other : this;
    }

    /** Returns whether all labels are known. */
    @Override
    public boolean learnsFrom(Example example) {
      return example.steps() > 0
          && example.labels() != null
          && IntStream.of(example.labels()).allMatch(label -> label >= 0);
    }

    @Override
    public void layOut(int width, ParamLayout.Builder builder) {
      HeadSpec.super.layOut(width, builder);
      CrfLoss.layOut(labels, builder);
    }
  }

  /**
   * This head tells labels of a sequence, nobody knows of which steps: connectionist temporal
   * classification. The scores are those of the blank, which is 0, and of labels from 1 on.
   */
  record Alignment(int labels) implements HeadSpec {
    public Alignment {
      Checks.positive("labels", labels);
    }

    @Override
    public int scores() {
      return labels + 1;
    }

    @Override
    public HeadSpec withSizeOf(HeadSpec other) {
      return other instanceof Alignment ? other : this;
    }

    @Override
    public Target target() {
      return Target.UNALIGNED;
    }

    /** Returns whether the steps suffice to say the labels, with a blank between equal ones. */
    @Override
    public boolean learnsFrom(Example example) {
      return example.labels() != null && example.steps() >= stepsFor(example.labels());
    }

    /** Returns the fewest steps that can say some labels. */
    public static int stepsFor(int... labels) {
      return CtcLoss.stepsFor(labels, 0, labels.length);
    }
  }

  private static void requireAligned(Target target) {
    if (target == Target.UNALIGNED) {
      throw new IllegalArgumentException("unaligned labels need a head that aligns them");
    }
  }
}
