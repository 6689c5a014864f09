// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.unroll.spark.store.OnnxGraph.attribute;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.RnnSpec;

/**
 * Writes a model as a graph of ONNX, of its standard recurrent operators. Batches {@code [B, T]} of
 * any size go in, with the length of each row, and where words are read by their characters {@code
 * [B, T, C]} the length of each word. Of a language model the state goes in instead of lengths, and
 * where its first state was learned, which rows begin. What comes out depends on the head:
 *
 * <pre>
 *   classes     scores, probabilities [B, C], or [B, T, C] where steps are told
 *   CRF         emissions [B, T, C], and transitions [C, C], start_transitions, end_transitions [C]
 *   numbers     values [B, O] or [B, T, O], scaled as in training
 *   alignment   scores [B, T, C], the first of them the blank's
 *   vocabulary  log_probabilities [B, T, V], and the state of each layer: h_0_out, c_0_out, ...
 * </pre>
 */
final class OnnxModel {
  private static final String BATCH = "batch";
  private static final String LENGTH = "length";
  private static final String CHARACTERS = "characters";

  private final NetworkSpec spec;
  private final boolean language;
  private final OnnxGraph graph;

  private OnnxModel(NetworkSpec spec, float[] params) {
    this.spec = spec;
    graph = new OnnxGraph(new Network(spec).layout(), params);
    language = spec.head() instanceof HeadSpec.Vocabulary;
  }

  /**
   * Returns the file of a model.
   *
   * @param version of this program
   * @throws InputException if it writes, which a graph cannot
   */
  static byte[] of(SavedModel model, String version) {
    NetworkSpec spec = model.config().model();
    if (spec.decoder() != null) {
      throw new InputException(
          ("A model of task %s cannot be exported with --format onnx (it has a decoder, whose steps"
                  + " depend on what it has written): use --format pytorch.")
              .formatted(model.config().task()));
    }
    return of(spec, model.params(), model.config().task(), version);
  }

  /** Returns the file of a network without a decoder. */
  static byte[] of(NetworkSpec spec, float[] params, String task, String version) {
    return new OnnxModel(spec, params).file(task, version);
  }

  private byte[] file(String task, String version) {
    String x = inputs();
    String lengths = language ? null : graph.input("lengths", DataType.INT64, BATCH);
    OnnxEncoder encoder = new OnnxEncoder(graph, spec.encoder(), Network.RNN);
    String y = encoder.layers(x, lengths, language ? new Carried() : null);
    if (language) {
      words(y);
    } else if (spec.head().target() == Target.SEQUENCE) {
      answers(encoder.pooled(spec.pooling(), y, lengths, Network.ATTENTION), BATCH);
    } else {
      answers(graph.turned(y), BATCH, LENGTH);
    }
    return graph.file("unroll_" + task, version, task);
  }

  /** Returns the vectors of all steps {@code [T, B, D]}. */
  private String inputs() {
    InputSpec inputs = spec.inputs();
    List<String> vectors = new ArrayList<>();
    for (int c = 0; c < inputs.columns().size(); c++) {
      String ids = graph.input(c == 0 ? "tokens" : "tokens_" + c, DataType.INT64, BATCH, LENGTH);
      vectors.add(graph.add("Gather", List.of(graph.param(Network.embedding(c)), ids)));
    }
    if (inputs.features() > 0) {
      vectors.add(graph.input("features", DataType.FLOAT, BATCH, LENGTH, inputs.features()));
    }
    if (inputs.words() != null) {
      vectors.add(words(inputs.words()));
    }
    String all =
        vectors.size() == 1 ? vectors.get(0) : graph.add("Concat", vectors, attribute("axis", 2));
    return graph.turned(all);
  }

  /** Returns the vectors of words {@code [B, T, W]}, which are read as rows of characters. */
  private String words(InputSpec.WordSpec words) {
    String characters = graph.input(CHARACTERS, DataType.INT64, BATCH, LENGTH, CHARACTERS);
    String counts = graph.input("character_lengths", DataType.INT64, BATCH, LENGTH);
    // [B, T, C] becomes [C, B T].
    String turned = graph.add("Transpose", List.of(characters), attribute("perm", 2L, 0L, 1L));
    String steps = graph.add("Reshape", List.of(turned, graph.numbers(0, -1)));
    // A word without characters is read as one of the first; so is what stands behind a row.
    String flat = graph.add("Reshape", List.of(counts, graph.numbers(-1)));
    String lengths = graph.add("Max", List.of(flat, graph.number(1)));
    String x = graph.add("Gather", List.of(graph.param(Network.WORD_EMBEDDING), steps));
    OnnxEncoder encoder = new OnnxEncoder(graph, words.encoder(), Network.WORD_RNN);
    String y = encoder.layers(x, lengths, null);
    String vectors = encoder.pooled(words.pooling(), y, lengths, Network.WORD_ATTENTION);
    List<String> sizes = List.of(graph.add("Shape", List.of(counts)), graph.numbers(words.width()));
    String shape = graph.add("Concat", sizes, attribute("axis", 0));
    return graph.add("Reshape", List.of(vectors, shape));
  }

  /** The state of a language model, which the caller carries from one call to the next. */
  private final class Carried implements OnnxEncoder.State {
    private final RnnSpec rnn = spec.encoder();

    /**
     * Which rows begin {@code [1, B, 1]}; null where all begin with the zeros that they are given.
     */
    private final String begins;

    /** Where the learned state of the next layer and slot is. */
    private int at;

    Carried() {
      begins =
          spec.learnedState()
              ? graph.add(
                  "Unsqueeze",
                  List.of(graph.input("begins", DataType.BOOL, BATCH), graph.numbers(0, 2)))
              : null;
    }

    private static String name(int layer, int slot) {
      return (slot == 0 ? "h_" : "c_") + layer;
    }

    @Override
    public String first(int layer, int slot) {
      int hidden = rnn.hiddenSize(layer);
      String given = graph.input(name(layer, slot), DataType.FLOAT, 1, BATCH, hidden);
      if (begins == null) {
        return given;
      }
      float[] all = graph.values(Network.INITIAL_STATE);
      float[] own = Arrays.copyOfRange(all, at, at += hidden);
      String learned = graph.floats(name(layer, slot) + "_learned", List.of(1, 1, hidden), own);
      return graph.add("Where", List.of(begins, learned, given));
    }

    @Override
    public void last(int layer, int slot, String value) {
      graph.output(value, name(layer, slot) + "_out", 1, BATCH, rnn.hiddenSize(layer));
    }
  }

  private void words(String y) {
    HeadSpec.Vocabulary head = (HeadSpec.Vocabulary) spec.head();
    String told;
    if (head.cutoffs().isEmpty()) {
      // Where they are tied the embedding is there already.
      String weight = head.tied() ? Network.EMBEDDING : graph.param(Network.DECODER);
      told = logSoftmax(graph.linear(y, weight, Network.DECODER_BIAS));
    } else {
      told = clusters(y, head);
    }
    graph.output(graph.turned(told), "log_probabilities", BATCH, LENGTH, head.tokens());
  }

  private String logSoftmax(String scores) {
    return graph.add("LogSoftmax", List.of(scores), attribute("axis", -1));
  }

  /** Returns the logarithms of an adaptive softmax: a token's of its cluster and of it within. */
  private String clusters(String y, HeadSpec.Vocabulary head) {
    String first =
        logSoftmax(graph.linear(y, graph.param("decoder.head.weight"), "decoder.head.bias"));
    int frequent = head.cutoffs().get(0);
    List<String> parts = new ArrayList<>();
    parts.add(graph.slice(first, 2, 0, frequent));
    for (int c = 0; c < head.cutoffs().size(); c++) {
      String tail = "decoder.tail." + c + ".";
      String narrow = graph.linear(y, graph.param(tail + "0.weight"), "");
      String within = logSoftmax(graph.linear(narrow, graph.param(tail + "1.weight"), ""));
      String cluster = graph.slice(first, 2, frequent + c, frequent + c + 1);
      parts.add(graph.add("Add", List.of(within, cluster)));
    }
    return graph.add("Concat", parts, attribute("axis", 2));
  }

  /**
   * Declares what is said of rows or steps.
   *
   * @param read vectors of them
   * @param of the dimensions of which there is an answer each
   */
  private void answers(String read, String... of) {
    HeadSpec head = spec.head();
    String scores = graph.linear(read, graph.param(Network.DECODER), Network.DECODER_BIAS);
    Object[] shape = Arrays.copyOf(of, of.length + 1, Object[].class);
    shape[of.length] = head.scores();
    if (head instanceof HeadSpec.Regression) {
      graph.output(scores, "values", shape);
    } else if (head instanceof HeadSpec.LinearCrf) {
      graph.output(scores, "emissions", shape);
      for (String name : List.of("transitions", "start_transitions", "end_transitions")) {
        Object[] own = graph.shape("crf." + name).toArray();
        graph.output(graph.param("crf." + name), name, own);
      }
    } else {
      graph.output(scores, "scores", shape);
      String probabilities = graph.add("Softmax", List.of(scores), attribute("axis", -1));
      graph.output(probabilities, "probabilities", shape);
    }
  }
}
