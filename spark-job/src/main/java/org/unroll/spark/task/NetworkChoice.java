// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.network.Search;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.spark.report.Figures;

/**
 * The network that was chosen, as far as it does not depend on the data.
 *
 * @param layers that read vectors of the first column's tokens alone
 * @param otherEmbedding width of a token's vector in the other columns
 * @param tied whether the output layer of a network that writes shares the matrix of the embedding
 *     of what it writes; the last layer is then as wide as that (Merity et al. 2018)
 * @param cutoffs the first token of every cluster of rare ones; none to tell all tokens at once
 * @param divisor by which vectors are narrower from one cluster to the next
 * @param pooling for tasks that answer once for a sequence
 * @param characterEmbedding width of a character's vector; 0 to leave the characters alone
 * @param characterHidden width of what reads them, in each direction
 * @param crf whether labels of steps are scored together
 * @param smoothing of labels
 * @param balanced whether rare classes weigh more
 * @param decoder of tasks that write
 * @param search how answers are looked for that are not told step by step
 */
public record NetworkChoice(
    RnnSpec layers,
    int otherEmbedding,
    boolean tied,
    List<Integer> cutoffs,
    int divisor,
    Pooling.Type pooling,
    int characterEmbedding,
    int characterHidden,
    boolean crf,
    double smoothing,
    boolean balanced,
    Decoder decoder,
    Search search) {

  /**
   * What writes, as far as it does not depend on the data.
   *
   * @param embedding width of a token's vector
   * @param hidden width of its layers
   * @param layers on top of each other
   * @param bridge how its first state is made
   * @param attention how it looks at what was read, or null for not at all
   * @param inputFeeding whether what was made at a step is read at the next; not without attention
   * @param joint whether it has the vocabulary, and the vectors, of what is read
   * @param encodes whether recurrent layers read before it writes
   */
  public record Decoder(
      int embedding,
      int hidden,
      int layers,
      DecoderSpec.Bridge bridge,
      Attention.Type attention,
      boolean inputFeeding,
      boolean joint,
      boolean encodes) {

    /** Returns the decoder of a vocabulary, which is an encoder's in all that is not said here. */
    private DecoderSpec spec(Vocabulary vocabulary, RnnSpec encoder, boolean tied) {
      int last = tied ? embedding : hidden;
      boolean feeding = inputFeeding && attention != null;
      RnnSpec rnn =
          new RnnSpec(
              encoder.cell(),
              embedding + (feeding ? last : 0),
              hidden,
              layers,
              last,
              encoder.bias(),
              Direction.FORWARD,
              encoder.residual(),
              encoder.layerNorm(),
              encoder.dropout());
      return new DecoderSpec(
          vocabulary.size(),
          vocabulary.id(Vocabulary.EOS),
          embedding,
          joint,
          rnn,
          bridge,
          attention,
          feeding);
    }

    /** Returns it in words, such as {@code writes with 1 layer of 256 units and attention}. */
    private String describe() {
      return "writes with %s of %s%s"
          .formatted(
              Figures.count(layers, "layer"),
              Figures.count(hidden, "unit"),
              attention == null ? "" : " and attention");
    }
  }

  /**
   * Returns a language model.
   *
   * @param vocabulary how many tokens there are
   * @param learnedState whether the first state is learned
   * @param frozen whether their vectors stay as they start
   */
  public NetworkSpec languageModel(int vocabulary, boolean learnedState, boolean frozen) {
    InputSpec.TokenColumn tokens =
        new InputSpec.TokenColumn(vocabulary, layers.inputSize(), !frozen);
    return new NetworkSpec(
        new InputSpec(List.of(tokens), 0, null),
        layers,
        null,
        learnedState,
        null,
        vocabulary(vocabulary, 0));
  }

  /**
   * Returns the head over so many tokens.
   *
   * @param share of every target that is spread over all of them
   */
  HeadSpec vocabulary(int tokens, double share) {
    int last = cutoffs.isEmpty() ? 0 : cutoffs.get(cutoffs.size() - 1);
    if (last >= tokens) {
      throw new InputException(
          "--adaptive has %s, but the vocabulary has %s tokens: give smaller numbers, or fewer."
              .formatted(last, tokens));
    }
    return new HeadSpec.Vocabulary(tokens, tied, layers.bias(), share, cutoffs, divisor);
  }

  /**
   * Returns the network of a task that reads rows.
   *
   * @param encoder knows the vocabularies
   * @param features numbers of every step
   * @param frozen whether the vectors of the first column stay as they start
   */
  NetworkSpec reader(RowEncoder encoder, HeadSpec head, int features, boolean frozen) {
    List<InputSpec.TokenColumn> columns = new ArrayList<>();
    for (Vocabulary vocabulary : encoder.vocabularies()) {
      boolean first = columns.isEmpty();
      int width = first ? layers.inputSize() : otherEmbedding;
      columns.add(new InputSpec.TokenColumn(vocabulary.size(), width, !(first && frozen)));
    }
    InputSpec.WordSpec words =
        encoder.characters() == null
            ? null
            : new InputSpec.WordSpec(
                encoder.characters().size(),
                characterEmbedding,
                CellType.LSTM,
                characterHidden,
                Pooling.Type.MAX);
    InputSpec inputs = new InputSpec(columns, features, words);
    Pooling.Type pooled = head.target() == Target.SEQUENCE ? pooling : null;
    RnnSpec reading = layers.withInput(inputs.width());
    if (encoder.target() == null) {
      return NetworkSpec.of(inputs, reading, pooled, head);
    }
    DecoderSpec writing = decoder.spec(encoder.target().vocabulary(), reading, tied);
    try {
      return new NetworkSpec(
          inputs, decoder.encodes() ? reading : null, writing, false, null, head);
    } catch (IllegalArgumentException e) {
      throw new InputException("This network cannot be: " + e.getMessage() + ".", e);
    }
  }

  /**
   * Returns the weights of classes, n / (C n_c), with which all weigh the same; null for equal. One
   * that does not occur has weight 1.
   */
  List<Double> weights(Map<String, Long> labels) {
    if (!balanced) {
      return null;
    }
    double all = labels.values().stream().mapToLong(Long::longValue).sum();
    return labels.values().stream()
        .map(count -> count == 0 ? 1 : all / (labels.size() * (double) count))
        .toList();
  }

  /**
   * Returns the layers in words, such as {@code LSTM, 2 layers of 128 units}.
   *
   * @param writes whether there is a decoder
   */
  String describe(boolean writes) {
    String name =
        switch (layers.cell()) {
          case RNN_TANH -> "Elman (tanh)";
          case RNN_RELU -> "Elman (ReLU)";
          case GRU, LSTM -> layers.cell().name().toUpperCase(Locale.ROOT);
        };
    if (writes && !decoder.encodes()) {
      return name + " that " + decoder.describe();
    }
    String both = layers.direction() == Direction.BOTH ? " in both directions" : "";
    return "%s, %s of %s%s%s"
        .formatted(
            name,
            Figures.count(layers.layers(), "layer"),
            Figures.count(layers.hiddenSize(), "unit"),
            both,
            writes ? ", " + decoder.describe() : "");
  }
}
