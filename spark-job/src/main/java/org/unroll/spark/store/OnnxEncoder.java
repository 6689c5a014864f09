// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.unroll.spark.store.OnnxGraph.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/** The nodes of recurrent layers, and those that make a vector of each row's outputs. */
final class OnnxEncoder {
  private final OnnxGraph graph;
  private final RnnSpec rnn;
  private final String prefix;

  /** Where the layers' states come from and where they go. */
  interface State {
    /**
     * Returns the value {@code [directions, B, H]} that a layer begins with.
     *
     * @param slot 0 for h, 1 for c
     */
    String first(int layer, int slot);

    /** Takes the value {@code [directions, B, H]} that a layer ends with. */
    void last(int layer, int slot, String value);
  }

  /**
   * Prepares.
   *
   * @param prefix of the names of the layers' parameters
   */
  OnnxEncoder(OnnxGraph graph, RnnSpec rnn, String prefix) {
    this.graph = graph;
    this.rnn = rnn;
    this.prefix = prefix;
  }

  /**
   * Adds the layers; returns their outputs {@code [T, B, W]}.
   *
   * @param inputs {@code [T, B, D]}
   * @param lengths of the rows {@code [B]}, or null where all have every step
   * @param state or null where all begin with zeros
   */
  String layers(String inputs, String lengths, State state) {
    String counts = lengths == null ? "" : graph.cast(lengths, DataType.INT32);
    String x = inputs;
    for (int layer = 0; layer < rnn.layers(); layer++) {
      String y = layer(layer, x, counts, state);
      if (rnn.residual() && layer > 0) {
        y = graph.add("Add", List.of(y, x));
      }
      if (rnn.layerNorm()) {
        String norm = prefix + "norm_l" + layer + ".";
        y =
            graph.add(
                "LayerNormalization",
                List.of(y, graph.param(norm + "weight"), graph.param(norm + "bias")),
                attribute("axis", -1),
                attribute("epsilon", 1e-5f));
      }
      x = y;
    }
    return x;
  }

  private String layer(int layer, String x, String counts, State state) {
    List<String> inputs = new ArrayList<>();
    inputs.add(x);
    inputs.add(weights(layer, "weight_ih"));
    inputs.add(weights(layer, "weight_hh"));
    inputs.add(rnn.bias() ? biases(layer) : "");
    inputs.add(counts);
    String name = prefix + "l" + layer;
    List<String> outputs = new ArrayList<>(List.of(name));
    int slots = state == null ? 0 : rnn.cell().stateSlots();
    for (int slot = 0; slot < slots; slot++) {
      inputs.add(state.first(layer, slot));
      outputs.add(name + "_last_" + slot);
    }
    graph.add(operator(), inputs, outputs, attributes(rnn.hiddenSize(layer)));
    for (int slot = 0; slot < slots; slot++) {
      state.last(layer, slot, outputs.get(1 + slot));
    }
    // [T, directions, B, H] becomes [T, B, directions H].
    String steps = graph.add("Transpose", List.of(name), attribute("perm", 0L, 2L, 1L, 3L));
    long width = (long) rnn.direction().count() * rnn.hiddenSize(layer);
    return graph.add("Reshape", List.of(steps, graph.numbers(0, 0, width)));
  }

  private String operator() {
    return switch (rnn.cell()) {
      case LSTM -> "LSTM";
      case GRU -> "GRU";
      case RNN_TANH, RNN_RELU -> "RNN";
    };
  }

  private AttributeProto[] attributes(int hidden) {
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
  private int[] gates() {
    return switch (rnn.cell()) {
      case LSTM -> new int[] {0, 3, 1, 2};
      case GRU -> new int[] {1, 0, 2};
      case RNN_TANH, RNN_RELU -> new int[] {0};
    };
  }

  /** Returns the weights of all directions, gate by gate in the order of ONNX. */
  private String weights(int layer, String kind) {
    List<Integer> shape = graph.shape(name(layer, kind, 0));
    int size = shape.get(0) * shape.get(1);
    int directions = rnn.direction().count();
    float[] all = new float[directions * size];
    for (int d = 0; d < directions; d++) {
      ordered(name(layer, kind, d), all, d * size);
    }
    return graph.floats(
        prefix + kind + "_l" + layer, List.of(directions, shape.get(0), shape.get(1)), all);
  }

  /** Returns the biases of all directions, those of the inputs before those of the state. */
  private String biases(int layer) {
    int rows = graph.shape(name(layer, "bias_ih", 0)).get(0);
    int directions = rnn.direction().count();
    float[] all = new float[directions * 2 * rows];
    for (int d = 0; d < directions; d++) {
      ordered(name(layer, "bias_ih", d), all, 2 * d * rows);
      ordered(name(layer, "bias_hh", d), all, (2 * d + 1) * rows);
    }
    return graph.floats(prefix + "bias_l" + layer, List.of(directions, 2 * rows), all);
  }

  private String name(int layer, String kind, int direction) {
    return prefix + kind + "_l" + layer + (direction == 0 ? "" : "_reverse");
  }

  private void ordered(String name, float[] to, int at) {
    float[] from = graph.values(name);
    int[] gates = gates();
    int size = from.length / gates.length;
    for (int g = 0; g < gates.length; g++) {
      System.arraycopy(from, gates[g] * size, to, at + g * size, size);
    }
  }

  /**
   * Adds what makes a vector of each row's outputs; returns the vectors {@code [B, W]}.
   *
   * @param y outputs {@code [T, B, W]}
   * @param lengths of the rows {@code [B]}, at least 1
   * @param attention prefix of the names of the parameters of attention
   */
  String pooled(Pooling.Type type, String y, String lengths, String attention) {
    String steps = steps(y);
    String there = graph.add("Less", List.of(steps, lengths));
    return switch (type) {
      case LAST -> last(y, steps, lengths);
      case MEAN -> {
        String counts = graph.cast(lengths, DataType.FLOAT);
        String wide = graph.add("Unsqueeze", List.of(counts, graph.numbers(1)));
        String all = sum(graph.add("Mul", List.of(y, asNumbers(there))));
        yield graph.add("Div", List.of(all, wide));
      }
      case MAX ->
          graph.add(
              "ReduceMax",
              List.of(masked(y, there)),
              attribute("axes", new Long[] {0L}),
              attribute("keepdims", 0));
      case ATTENTION -> {
        String weight = graph.param(attention + "weight");
        String u = graph.add("Tanh", List.of(graph.linear(y, weight, attention + "bias")));
        String scores = graph.linear(u, graph.param(attention + "query"), "");
        String weights = graph.add("Softmax", List.of(masked(scores, there)), attribute("axis", 0));
        yield sum(graph.add("Mul", List.of(y, weights)));
      }
    };
  }

  /** Returns the numbers of the steps {@code [T, 1]}. */
  private String steps(String y) {
    String shape = graph.add("Shape", List.of(y));
    String count = graph.add("Gather", List.of(shape, graph.number(0)));
    String range = graph.add("Range", List.of(graph.number(0), count, graph.number(1)));
    return graph.add("Unsqueeze", List.of(range, graph.numbers(1)));
  }

  /** Returns a condition of steps and rows as numbers {@code [T, B, 1]}, 1 where it is so. */
  private String asNumbers(String condition) {
    String wide = graph.add("Unsqueeze", List.of(condition, graph.numbers(2)));
    return graph.cast(wide, DataType.FLOAT);
  }

  /** Returns values of steps and rows with the least number where a row has ended. */
  private String masked(String x, String there) {
    String wide = graph.add("Unsqueeze", List.of(there, graph.numbers(2)));
    String least = graph.floats(prefix + "least", List.of(), -Float.MAX_VALUE);
    return graph.add("Where", List.of(wide, x, least));
  }

  private String sum(String x) {
    return graph.add("ReduceSum", List.of(x, graph.numbers(0)), attribute("keepdims", 0));
  }

  /** Returns the last outputs of what reads forward beside the first of what reads back. */
  private String last(String y, String steps, String lengths) {
    String before = graph.add("Sub", List.of(lengths, graph.number(1)));
    String ends = asNumbers(graph.add("Equal", List.of(steps, before)));
    String last = sum(graph.add("Mul", List.of(y, ends)));
    String first = graph.add("Gather", List.of(y, graph.number(0)), attribute("axis", 0));
    int width = rnn.outputSize();
    return switch (rnn.direction()) {
      case FORWARD -> last;
      case REVERSE -> first;
      case BOTH -> {
        List<String> halves =
            List.of(graph.slice(last, 1, 0, width / 2), graph.slice(first, 1, width / 2, width));
        yield graph.add("Concat", halves, attribute("axis", 1));
      }
    };
  }
}
