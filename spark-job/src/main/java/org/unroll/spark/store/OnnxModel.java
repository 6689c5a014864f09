// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.unroll.spark.store.OnnxGraph.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnSpec;

/**
 * Writes a model as a graph of ONNX, of its standard recurrent operators. Batches {@code [B, T]} of
 * any size go in, with the length of each row; of a language model the state instead. What comes
 * out depends on the head:
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

  private final NetworkSpec spec;
  private final ParamLayout layout;
  private final float[] params;
  private final boolean language;
  private final OnnxGraph graph = new OnnxGraph();

  private OnnxModel(NetworkSpec spec, float[] params) {
    this.spec = spec;
    this.params = params;
    layout = new Network(spec).layout();
    language = spec.head() instanceof HeadSpec.Vocabulary;
  }

  /**
   * Returns the file of a model.
   *
   * @param version of this program
   * @throws InputException if it has a part that the graph cannot have
   */
  static byte[] of(SavedModel model, String version) {
    NetworkSpec spec = model.config().model();
    String missing =
        spec.decoder() != null
            ? "one that writes has a decoder, whose steps depend on what it has written"
            : spec.inputs().words() != null
                ? "one that reads characters (--char-embedding) looks at words of any length"
                : spec.learnedState() ? "one with a learned first state (--state learned)" : null;
    if (missing != null) {
      throw new InputException(
          ("A model of task %s like this cannot be exported with --format onnx (%s): use --format"
                  + " pytorch.")
              .formatted(model.config().task(), missing));
    }
    return of(spec, model.params(), model.config().task(), version);
  }

  /** Returns the file of a network that the graph can have. */
  static byte[] of(NetworkSpec spec, float[] params, String task, String version) {
    return new OnnxModel(spec, params).file(task, version);
  }

  private byte[] file(String task, String version) {
    String x = inputs();
    String lengths = language ? null : graph.input("lengths", DataType.INT64, BATCH);
    String y = layers(x, lengths);
    if (language) {
      words(y);
    } else {
      answers(y, lengths);
    }
    return graph.file("unroll_" + task, version, task);
  }

  /** Returns the name of a parameter of this name, whose values are in the graph. */
  private String param(String name) {
    Param param = layout.get(name);
    return graph.floats(name, param.shape(), values(param));
  }

  private float[] values(Param param) {
    float[] values = new float[param.size()];
    System.arraycopy(params, param.offset(), values, 0, values.length);
    return values;
  }

  /** Returns the vectors of all steps {@code [T, B, D]}. */
  private String inputs() {
    InputSpec inputs = spec.inputs();
    List<String> vectors = new ArrayList<>();
    for (int c = 0; c < inputs.columns().size(); c++) {
      String ids = graph.input(c == 0 ? "tokens" : "tokens_" + c, DataType.INT64, BATCH, LENGTH);
      vectors.add(graph.add("Gather", List.of(param(Network.embedding(c)), ids)));
    }
    if (inputs.features() > 0) {
      vectors.add(graph.input("features", DataType.FLOAT, BATCH, LENGTH, inputs.features()));
    }
    String all =
        vectors.size() == 1 ? vectors.get(0) : graph.add("Concat", vectors, attribute("axis", 2));
    return turned(all);
  }

  /** Swaps batch and time of {@code [B, T, D]} or {@code [T, B, D]}. */
  private String turned(String x) {
    return graph.add("Transpose", List.of(x), attribute("perm", 1L, 0L, 2L));
  }

  /** Returns the outputs {@code [T, B, W]} of the recurrent layers. */
  private String layers(String inputs, String lengths) {
    RnnSpec rnn = spec.encoder();
    String counts =
        lengths == null
            ? ""
            : graph.add("Cast", List.of(lengths), attribute("to", DataType.INT32.getNumber()));
    String x = inputs;
    for (int layer = 0; layer < rnn.layers(); layer++) {
      String y = layer(rnn, layer, x, counts);
      if (rnn.residual() && layer > 0) {
        y = graph.add("Add", List.of(y, x));
      }
      if (rnn.layerNorm()) {
        String norm = "rnn.norm_l" + layer + ".";
        y =
            graph.add(
                "LayerNormalization",
                List.of(y, param(norm + "weight"), param(norm + "bias")),
                attribute("axis", -1),
                attribute("epsilon", 1e-5f));
      }
      x = y;
    }
    return x;
  }

  private String layer(RnnSpec rnn, int layer, String x, String counts) {
    int hidden = rnn.hiddenSize(layer);
    int directions = rnn.direction().count();
    boolean lstm = rnn.cell() == CellType.LSTM;
    List<String> inputs = new ArrayList<>();
    inputs.add(x);
    for (String kind : List.of("weight_ih", "weight_hh")) {
      inputs.add(weights(rnn, layer, kind));
    }
    inputs.add(rnn.bias() ? biases(rnn, layer) : "");
    inputs.add(counts);
    List<String> outputs = new ArrayList<>(List.of("rnn_l" + layer));
    if (language) {
      for (String state : lstm ? List.of("h", "c") : List.of("h")) {
        String name = state + "_" + layer;
        inputs.add(graph.input(name, DataType.FLOAT, directions, BATCH, hidden));
        outputs.add(name + "_last");
      }
    }
    graph.add(operator(rnn.cell()), inputs, outputs, attributes(rnn, hidden));
    for (int i = 1; i < outputs.size(); i++) {
      graph.output(
          outputs.get(i), outputs.get(i).replace("_last", "_out"), directions, BATCH, hidden);
    }
    // [T, directions, B, H] becomes [T, B, directions H].
    String steps =
        graph.add("Transpose", List.of(outputs.get(0)), attribute("perm", 0L, 2L, 1L, 3L));
    return graph.add("Reshape", List.of(steps, graph.numbers(0, 0, (long) directions * hidden)));
  }

  private static String operator(CellType cell) {
    return switch (cell) {
      case LSTM -> "LSTM";
      case GRU -> "GRU";
      case RNN_TANH, RNN_RELU -> "RNN";
    };
  }

  private static AttributeProto[] attributes(RnnSpec rnn, int hidden) {
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(attribute("hidden_size", hidden));
    String direction = rnn.direction().name().toLowerCase(Locale.ROOT);
    attributes.add(
        attribute("direction", rnn.direction() == Direction.BOTH ? "bidirectional" : direction));
    if (rnn.cell() == CellType.GRU) {
      attributes.add(attribute("linear_before_reset", 1));
    } else if (rnn.cell() == CellType.RNN_RELU) {
      attributes.add(
          attribute("activations", Collections.nCopies(rnn.direction().count(), "Relu")));
    }
    return attributes.toArray(AttributeProto[]::new);
  }

  /** Returns where each gate of ONNX is among ours: iofc of ifgo, zrh of rzn. */
  private static int[] gates(CellType cell) {
    return switch (cell) {
      case LSTM -> new int[] {0, 3, 1, 2};
      case GRU -> new int[] {1, 0, 2};
      case RNN_TANH, RNN_RELU -> new int[] {0};
    };
  }

  private static String suffix(RnnSpec rnn, int layer, int direction) {
    return "_l" + layer + (direction == 0 ? "" : "_reverse");
  }

  /** Returns the weights of all directions, gate by gate in the order of ONNX. */
  private String weights(RnnSpec rnn, int layer, String kind) {
    int directions = rnn.direction().count();
    Param first = layout.get("rnn." + kind + suffix(rnn, layer, 0));
    float[] all = new float[directions * first.size()];
    for (int d = 0; d < directions; d++) {
      ordered(rnn, kind + suffix(rnn, layer, d), all, d * first.size());
    }
    List<Integer> shape = List.of(directions, first.shape().get(0), first.shape().get(1));
    return graph.floats("rnn." + kind + "_l" + layer, shape, all);
  }

  /** Returns the biases of all directions, those of the inputs before those of the state. */
  private String biases(RnnSpec rnn, int layer) {
    int directions = rnn.direction().count();
    int rows = layout.get("rnn.bias_ih_l" + layer).size();
    float[] all = new float[directions * 2 * rows];
    for (int d = 0; d < directions; d++) {
      ordered(rnn, "bias_ih" + suffix(rnn, layer, d), all, 2 * d * rows);
      ordered(rnn, "bias_hh" + suffix(rnn, layer, d), all, (2 * d + 1) * rows);
    }
    return graph.floats("rnn.bias_l" + layer, List.of(directions, 2 * rows), all);
  }

  private void ordered(RnnSpec rnn, String name, float[] to, int at) {
    Param param = layout.get("rnn." + name);
    int[] gates = gates(rnn.cell());
    int size = param.size() / gates.length;
    for (int g = 0; g < gates.length; g++) {
      System.arraycopy(params, param.offset() + gates[g] * size, to, at + g * size, size);
    }
  }

  /** Returns {@code x W^T + b} of what ends with a dimension as wide as the matrix. */
  private String linear(String x, String weight, String bias) {
    return linear(x, weight, param(weight), bias);
  }

  private String linear(String x, String weight, String values, String bias) {
    String turned = graph.add("Transpose", List.of(values), attribute("perm", 1L, 0L));
    String product = graph.add("MatMul", List.of(x, turned));
    return layout.contains(bias) && !weight.equals(bias)
        ? graph.add("Add", List.of(product, param(bias)))
        : product;
  }

  private void words(String y) {
    HeadSpec.Vocabulary head = (HeadSpec.Vocabulary) spec.head();
    String told =
        head.cutoffs().isEmpty()
            ? logSoftmax(
                head.tied()
                    ? linear(y, Network.EMBEDDING, Network.EMBEDDING, Network.DECODER_BIAS)
                    : linear(y, Network.DECODER, Network.DECODER_BIAS))
            : clusters(y, head);
    graph.output(turned(told), "log_probabilities", BATCH, LENGTH, head.tokens());
  }

  private String logSoftmax(String scores) {
    return graph.add("LogSoftmax", List.of(scores), attribute("axis", -1));
  }

  /** Returns the logarithms of an adaptive softmax: a token's of its cluster and of it within. */
  private String clusters(String y, HeadSpec.Vocabulary head) {
    String first = logSoftmax(linear(y, "decoder.head.weight", "decoder.head.bias"));
    int frequent = head.cutoffs().get(0);
    List<String> parts = new ArrayList<>();
    parts.add(columns(first, 0, frequent));
    for (int c = 0; c < head.cutoffs().size(); c++) {
      String tail = "decoder.tail." + c + ".";
      String narrow = linear(y, tail + "0.weight", "");
      String within = logSoftmax(linear(narrow, tail + "1.weight", ""));
      parts.add(graph.add("Add", List.of(within, columns(first, frequent + c, frequent + c + 1))));
    }
    return graph.add("Concat", parts, attribute("axis", 2));
  }

  private String columns(String x, int from, int to) {
    return graph.add("Slice", List.of(x, graph.numbers(from), graph.numbers(to), graph.numbers(2)));
  }

  private void answers(String y, String lengths) {
    HeadSpec head = spec.head();
    boolean ofSequences = head.target() == Target.SEQUENCE;
    String read = ofSequences ? pooled(y, lengths) : turned(y);
    String scores = linear(read, Network.DECODER, Network.DECODER_BIAS);
    Object[] shape =
        ofSequences
            ? new Object[] {BATCH, head.scores()}
            : new Object[] {BATCH, LENGTH, head.scores()};
    if (head instanceof HeadSpec.Regression) {
      graph.output(scores, "values", shape);
    } else if (head instanceof HeadSpec.LinearCrf crf) {
      graph.output(scores, "emissions", shape);
      for (String name : List.of("transitions", "start_transitions", "end_transitions")) {
        Object[] own =
            name.equals("transitions")
                ? new Object[] {crf.labels(), crf.labels()}
                : new Object[] {crf.labels()};
        graph.output(param("crf." + name), name, own);
      }
    } else {
      graph.output(scores, "scores", shape);
      graph.output(
          graph.add("Softmax", List.of(scores), attribute("axis", -1)), "probabilities", shape);
    }
  }

  /** Returns the numbers of the steps {@code [T, 1]}. */
  private String steps(String y) {
    String shape = graph.add("Shape", List.of(y));
    String count = graph.add("Gather", List.of(shape, graph.number(0)));
    String range = graph.add("Range", List.of(graph.number(0), count, graph.number(1)));
    return graph.add("Unsqueeze", List.of(range, graph.numbers(1)));
  }

  /** Returns a condition of steps and rows as numbers {@code [T, B, 1]}, 1 where it is so. */
  private String where(String condition) {
    String wide = graph.add("Unsqueeze", List.of(condition, graph.numbers(2)));
    return graph.add("Cast", List.of(wide), attribute("to", DataType.FLOAT.getNumber()));
  }

  private String sum(String x) {
    return graph.add("ReduceSum", List.of(x, graph.numbers(0)), attribute("keepdims", 0));
  }

  /** Returns the vectors {@code [B, W]} of the rows. */
  private String pooled(String y, String lengths) {
    String steps = steps(y);
    String there = graph.add("Less", List.of(steps, lengths));
    return switch (spec.pooling()) {
      case LAST -> last(y, steps, lengths);
      case MEAN -> {
        String counts =
            graph.add("Cast", List.of(lengths), attribute("to", DataType.FLOAT.getNumber()));
        String wide = graph.add("Unsqueeze", List.of(counts, graph.numbers(1)));
        String all = sum(graph.add("Mul", List.of(y, where(there))));
        yield graph.add("Div", List.of(all, wide));
      }
      case MAX -> {
        String wide = graph.add("Unsqueeze", List.of(there, graph.numbers(2)));
        String least = graph.floats("least", List.of(), -Float.MAX_VALUE);
        String masked = graph.add("Where", List.of(wide, y, least));
        yield graph.add(
            "ReduceMax",
            List.of(masked),
            attribute("axes", new Long[] {0L}),
            attribute("keepdims", 0));
      }
      case ATTENTION -> {
        String u = graph.add("Tanh", List.of(linear(y, "attention.weight", "attention.bias")));
        String scores = linear(u, "attention.query", "");
        String wide = graph.add("Unsqueeze", List.of(there, graph.numbers(2)));
        String least = graph.floats("least", List.of(), -Float.MAX_VALUE);
        String masked = graph.add("Where", List.of(wide, scores, least));
        String weights = graph.add("Softmax", List.of(masked), attribute("axis", 0));
        yield sum(graph.add("Mul", List.of(y, weights)));
      }
    };
  }

  /** Returns the last outputs of what reads forward beside the first of what reads back. */
  private String last(String y, String steps, String lengths) {
    Direction direction = spec.encoder().direction();
    String before = graph.add("Sub", List.of(lengths, graph.number(1)));
    String last =
        sum(graph.add("Mul", List.of(y, where(graph.add("Equal", List.of(steps, before))))));
    String first = graph.add("Gather", List.of(y, graph.number(0)), attribute("axis", 0));
    int width = spec.encoder().outputSize();
    return switch (direction) {
      case FORWARD -> last;
      case REVERSE -> first;
      case BOTH ->
          graph.add(
              "Concat",
              List.of(half(last, 0, width / 2), half(first, width / 2, width)),
              attribute("axis", 1));
    };
  }

  private String half(String x, int from, int to) {
    return graph.add("Slice", List.of(x, graph.numbers(from), graph.numbers(to), graph.numbers(1)));
  }
}
