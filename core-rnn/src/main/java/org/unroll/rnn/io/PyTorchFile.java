// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A file of Python in the making: the layers and methods of a network, and which of the parts that
 * are the same for every network they use.
 */
final class PyTorchFile {
  private static final String PARTS = "pytorch.py";

  /** Whether layers on top of each other may be one module of torch.nn. */
  private final boolean joined;

  private final Set<String> used = new LinkedHashSet<>();
  private final List<String> init = new ArrayList<>();
  private final StringBuilder methods = new StringBuilder();

  /**
   * Begins a file without layers.
   *
   * @param joined whether layers on top of each other may be one module of torch.nn
   */
  PyTorchFile(boolean joined) {
    this.joined = joined;
  }

  /** Has a part of {@code pytorch.py} in the file. */
  void use(String part) {
    used.add(part);
  }

  /** Returns whether a part of {@code pytorch.py} is in the file. */
  boolean uses(String part) {
    return used.contains(part);
  }

  /** Adds a line that makes a layer or a parameter. */
  void init(String line) {
    init.add(line);
  }

  /**
   * Adds a method of the network.
   *
   * @param inputs the names of its first arguments
   * @param more arguments, as Python declares them
   * @param doc what it returns
   * @param body its lines
   */
  void method(String name, List<String> inputs, String more, String doc, String body) {
    methods.append(
        "\n    def %s(self, %s, %s):\n        \"\"\"%s\"\"\"\n%s"
            .formatted(name, String.join(", ", inputs), more, doc, body));
  }

  /** Adds methods of the network as they are. */
  void methods(String code) {
    methods.append(code);
  }

  /**
   * Returns the file.
   *
   * @param description what stands at its head
   * @param classes those that only this network has
   * @param functions behind the class of the network
   */
  String text(String description, String classes, String functions) {
    StringBuilder file = new StringBuilder("\"\"\"" + description + "\"\"\"\n");
    parts().forEach((name, part) -> file.append(name.equals("begin") || uses(name) ? part : ""));
    file.append(classes)
        .append(
            "\n\nclass Model(nn.Module):\n    def __init__(self):\n        super().__init__()\n");
    init.forEach(line -> file.append("        ").append(line).append('\n'));
    return file.append(methods).append(functions).toString();
  }

  private static Map<String, String> parts() {
    try (InputStream in = PyTorchFile.class.getResourceAsStream(PARTS)) {
      Map<String, String> parts = new LinkedHashMap<>();
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String part : all.split("(?m)^#: ")) {
        if (!part.isEmpty()) {
          int end = part.indexOf('\n');
          parts.put(part.substring(0, end), part.substring(end + 1));
        }
      }
      return parts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the module of torch.nn for a cell. */
  static String cell(CellType cell) {
    return switch (cell) {
      case LSTM -> "nn.LSTM";
      case GRU -> "nn.GRU";
      case RNN_TANH, RNN_RELU -> "nn.RNN";
    };
  }

  /** Returns a truth value as Python writes it. */
  static String python(boolean value) {
    return value ? "True" : "False";
  }

  /** Returns whether such layers are one module of torch.nn. */
  boolean isOne(RnnSpec rnn) {
    return joined && !rnn.residual() && !rnn.layerNorm() && rnn.lastSize() == rnn.hiddenSize();
  }

  /**
   * Adds recurrent layers.
   *
   * @param name by which the network has them
   * @param width of what the first reads
   */
  void layers(String name, RnnSpec rnn, int width) {
    use("run");
    String relu = rnn.cell() == CellType.RNN_RELU ? ", nonlinearity=\"relu\"" : "";
    boolean both = rnn.direction() == Direction.BOTH;
    if (rnn.direction() == Direction.REVERSE) {
      use("flip");
    }
    if (isOne(rnn)) {
      init(
          "self.%s = %s(%s, %s, %s, bias=%s, batch_first=True, bidirectional=%s%s)"
              .formatted(
                  name,
                  cell(rnn.cell()),
                  width,
                  rnn.hiddenSize(),
                  rnn.layers(),
                  python(rnn.bias()),
                  python(both),
                  relu));
      return;
    }
    use("layers");
    init(
        "self.%s = Layers(%s, %s, %s, bias=%s, both=%s, residual=%s, norm=%s%s)"
            .formatted(
                name,
                cell(rnn.cell()),
                width,
                widths(rnn),
                python(rnn.bias()),
                python(both),
                python(rnn.residual()),
                python(rnn.layerNorm()),
                relu));
  }

  private static List<Integer> widths(RnnSpec rnn) {
    return IntStream.range(0, rnn.layers()).mapToObj(rnn::hiddenSize).toList();
  }

  /** Returns the sizes of what states of all layers are cut into: a vector or two of each. */
  static List<Integer> stateSizes(RnnSpec rnn) {
    return widths(rnn).stream()
        .flatMap(width -> Collections.nCopies(rnn.cell().stateSlots(), width).stream())
        .toList();
  }

  /** Returns the expression of the states of separate layers, of {@code parts} of these sizes. */
  static String states(RnnSpec rnn) {
    return rnn.cell().stateSlots() == 2 ? "list(zip(parts[::2], parts[1::2]))" : "parts";
  }

  /**
   * Returns the lines that make a vector, {@code pooled}, of each row of the outputs {@code y}.
   *
   * @param attention the expression of the layer that is asked where attention pools
   */
  String pool(Pooling.Type type, RnnSpec rnn, String attention) {
    if (type != Pooling.Type.LAST) {
      use("mask");
    }
    if (type == Pooling.Type.ATTENTION) {
      use("pooling");
    }
    int width = rnn.outputSize();
    String last = "y[torch.arange(len(y)), lengths - 1%s]";
    String pooled =
        switch (type) {
          case LAST ->
              switch (rnn.direction()) {
                case FORWARD -> last.formatted("");
                case REVERSE -> "y[:, 0]";
                case BOTH ->
                    "torch.cat([%s, y[:, 0, %s:]], -1)"
                        .formatted(last.formatted(", :" + width / 2), width / 2);
              };
          case MEAN -> "(y * there(y, lengths)[:, :, None]).sum(1) / lengths[:, None]";
          case MAX -> "y.masked_fill(~there(y, lengths)[:, :, None], -torch.inf).amax(1)";
          case ATTENTION -> attention + "(y, lengths)";
        };
    return "        pooled = " + pooled + "\n";
  }

  /**
   * Adds the output layer over a vocabulary.
   *
   * @param width of what it reads
   * @param embedding the name of the layer whose matrix it shares where they are tied
   */
  void vocabulary(HeadSpec.Vocabulary head, int width, String embedding) {
    if (!head.cutoffs().isEmpty()) {
      init(
          "self.decoder = nn.AdaptiveLogSoftmaxWithLoss(%s, %s, %s, %s.0, %s)"
              .formatted(
                  width, head.tokens(), head.cutoffs(), head.divisor(), python(head.bias())));
      return;
    }
    init(
        "self.decoder = nn.Linear(%s, %s, bias=%s)"
            .formatted(width, head.tokens(), python(head.bias())));
    if (head.tied()) {
      init("self.decoder.weight = self.%s.weight".formatted(embedding));
    }
  }

  /** Returns the expression of what an output layer over a vocabulary says of {@code y}. */
  static String logProbabilities(HeadSpec.Vocabulary head, String y) {
    return head.cutoffs().isEmpty()
        ? "self.decoder(%s).log_softmax(-1)".formatted(y)
        : "self.decoder.log_prob(%s.flatten(0, 1)).unflatten(0, %s.shape[:2])".formatted(y, y);
  }
}
