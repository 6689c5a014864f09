// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnSpec;

/** Values computed by PyTorch in float64 and written by {@code scripts/golden.py}. */
public final class Golden {
  private static final String FOLDER = "/golden/";

  private Golden() {}

  /** Returns the names of the files that begin with a prefix, sorted. */
  public static List<String> names(String prefix) {
    try (Stream<Path> files = Files.list(Path.of(Golden.class.getResource(FOLDER).toURI()))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .sorted()
          .toList();
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("the folder of the golden values cannot be listed", e);
    }
  }

  public static JsonNode read(String name) {
    try (InputStream in = Golden.class.getResourceAsStream(FOLDER + name)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the numbers of a tensor with shape and data, or of a plain array. */
  public static float[] floats(JsonNode tensor) {
    JsonNode data = tensor.isArray() ? tensor : tensor.get("data");
    float[] values = new float[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) data.get(i).doubleValue();
    }
    return values;
  }

  /** Returns the whole numbers of an array. */
  public static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).intValue();
    }
    return values;
  }

  public static CellType cell(JsonNode spec) {
    JsonNode nonlinearity = spec.path("nonlinearity");
    String cell = spec.get("cell").textValue();
    return CellType.valueOf(
        nonlinearity.isMissingNode()
            ? cell
            : cell + "_" + nonlinearity.textValue().toUpperCase(Locale.ROOT));
  }

  /** Returns the language model of a file's {@code spec}, without dropout. */
  public static Network language(JsonNode spec, boolean learnedState) {
    return TestNetworks.language(
        spec.get("vocabulary").intValue(),
        spec.get("embedding").intValue(),
        cell(spec),
        spec.get("layers").intValue(),
        spec.get("hidden").intValue(),
        spec.get("bias").booleanValue(),
        0,
        spec.get("tied").booleanValue(),
        learnedState);
  }

  /** Returns the language model of a file's {@code spec} with all that such models may have. */
  public static Network richLanguage(JsonNode spec, boolean learnedState) {
    List<InputSpec.TokenColumn> columns = new ArrayList<>();
    for (JsonNode column : spec.get("columns")) {
      columns.add(new InputSpec.TokenColumn(column.get(0).intValue(), column.get(1).intValue()));
    }
    InputSpec inputs = new InputSpec(columns, spec.get("features").intValue(), null);
    JsonNode dropout = spec.get("dropout");
    RnnSpec rnn =
        new RnnSpec(
            cell(spec),
            inputs.width(),
            spec.get("hidden").intValue(),
            spec.get("layers").intValue(),
            spec.get("last").intValue(),
            true,
            Direction.FORWARD,
            spec.get("residual").booleanValue(),
            spec.get("norm").booleanValue(),
            new DropoutSpec(
                dropout.get("embedding").doubleValue(),
                dropout.get("input").doubleValue(),
                dropout.get("between").doubleValue(),
                dropout.get("output").doubleValue(),
                dropout.get("weight").doubleValue(),
                dropout.get("locked").booleanValue()));
    boolean tied = spec.get("tied").booleanValue();
    double smoothing = spec.path("smoothing").doubleValue();
    List<Integer> cutoffs = Arrays.stream(ints(spec.path("cutoffs"))).boxed().toList();
    HeadSpec head =
        new HeadSpec.Vocabulary(
            columns.get(0).vocabulary(),
            tied,
            true,
            smoothing,
            cutoffs,
            spec.path("divisor").asInt(HeadSpec.Vocabulary.DIVISOR));
    return new Network(new NetworkSpec(inputs, rnn, null, learnedState, null, head));
  }

  /**
   * The rows of a file, which stand there as wide as the longest and in any order, as they are
   * packed.
   *
   * @param order which row of the file is in each row, the longest first
   * @param packing where the steps lie
   */
  public record Rows(int[] order, Packing packing) {

    /** Returns the rows of an object with steps, rows and perhaps lengths. */
    public static Rows of(JsonNode golden) {
      return of(golden, golden.get("rows").intValue());
    }

    /** Returns so many rows of an object with steps and perhaps lengths. */
    public static Rows of(JsonNode golden, int rows) {
      int[] lengths = new int[rows];
      Arrays.fill(lengths, golden.get("steps").intValue());
      if (golden.hasNonNull("lengths")) {
        lengths = Golden.ints(golden.get("lengths"));
      }
      return of(lengths);
    }

    private static Rows of(int[] lengths) {
      int[] order =
          IntStream.range(0, lengths.length)
              .boxed()
              .sorted(Comparator.comparingInt(row -> -lengths[row]))
              .mapToInt(Integer::intValue)
              .toArray();
      Packing packing = new Packing();
      packing.set(Arrays.stream(order).map(row -> lengths[row]).toArray(), order.length);
      return new Rows(order, packing);
    }

    /** Returns a tensor {@code [T, B, width]}, packed. */
    public float[] floats(JsonNode tensor, int width) {
      float[] given = Golden.floats(tensor);
      float[] packed = new float[packing.positions() * width];
      for (int t = 0; t < packing.steps(); t++) {
        for (int row = 0; row < packing.rowsAt(t); row++) {
          int from = (t * order.length + order[row]) * width;
          System.arraycopy(given, from, packed, (packing.at(t) + row) * width, width);
        }
      }
      return packed;
    }

    /** Writes ids {@code [T, B]} of a file to packed ones. */
    public void ints(JsonNode ids, int[] packed) {
      for (int t = 0; t < packing.steps(); t++) {
        for (int row = 0; row < packing.rowsAt(t); row++) {
          packed[packing.at(t) + row] = ids.get(t * order.length + order[row]).intValue();
        }
      }
    }

    /**
     * Returns PyTorch's h, and c for the LSTM, each {@code [L, B, H]}, as {@code [L, slots, B, H]}.
     */
    public float[] state(JsonNode state) {
      if (state.isArray()) {
        return states(state);
      }
      List<JsonNode> slots =
          state.has("c") ? List.of(state.get("h"), state.get("c")) : List.of(state.get("h"));
      JsonNode shape = slots.get(0).get("shape");
      int layers = shape.get(0).intValue();
      int hidden = shape.get(2).intValue();
      float[] all = new float[layers * slots.size() * order.length * hidden];
      int to = 0;
      for (int layer = 0; layer < layers; layer++) {
        for (JsonNode slot : slots) {
          float[] given = Golden.floats(slot);
          for (int row : order) {
            int from = (layer * order.length + row) * hidden;
            System.arraycopy(given, from, all, to, hidden);
            to += hidden;
          }
        }
      }
      return all;
    }

    /** Returns the states {@code [B, H]} of every layer on its own. */
    private float[] states(JsonNode layers) {
      int size = 0;
      List<float[]> parts = new ArrayList<>();
      for (JsonNode layer : layers) {
        for (String slot : layer.has("c") ? List.of("h", "c") : List.of("h")) {
          float[] given = Golden.floats(layer.get(slot));
          int hidden = given.length / order.length;
          for (int row : order) {
            parts.add(Arrays.copyOfRange(given, row * hidden, (row + 1) * hidden));
          }
          size += given.length;
        }
      }
      float[] all = new float[size];
      int to = 0;
      for (float[] part : parts) {
        System.arraycopy(part, 0, all, to, part.length);
        to += part.length;
      }
      return all;
    }
  }

  /**
   * Returns the rows of a window of a {@link #richLanguage}: some columns of tokens, features, and
   * targets.
   */
  public static Batch richBatch(JsonNode window, Network network) {
    Rows rows = Rows.of(window);
    int features = network.spec().inputs().features();
    float[] numbers = floats(window.get("features"));
    List<Example> examples = new ArrayList<>();
    for (int row = 0; row < rows.order().length; row++) {
      int length = rows.packing().length(row);
      int from = rows.order()[row];
      int[][] tokens = new int[window.get("inputs").size()][length];
      int[] targets = new int[length];
      float[] own = features == 0 ? null : new float[length * features];
      for (int t = 0; t < length; t++) {
        int at = t * rows.order().length + from;
        for (int c = 0; c < tokens.length; c++) {
          tokens[c][t] = window.get("inputs").get(c).get(at).intValue();
        }
        targets[t] = window.get("targets").get(at).intValue();
        for (int j = 0; j < features; j++) {
          own[t * features + j] = numbers[at * features + j];
        }
      }
      examples.add(new Example("row " + from, length, tokens, null, own, targets, null));
    }
    Batch batch = new Batch(network.spec().batchShape());
    batch.fill(examples);
    return batch;
  }

  /** Returns the sequences of a file with their labels, of one column of tokens. */
  public static List<Example> examples(JsonNode golden) {
    List<Example> examples = new ArrayList<>();
    for (JsonNode sequence : golden.get("sequences")) {
      int[] labels = ints(golden.get("labels").get(examples.size()));
      examples.add(Example.ofTokens("s" + examples.size(), ints(sequence), labels));
    }
    return examples;
  }

  /** Returns a window with {@code inputs} and {@code targets} of one column of tokens. */
  public static Batch batch(JsonNode window, Rows rows) {
    Batch batch = Batch.ofStreams();
    batch.pack(TestNetworks.lengths(rows.packing()), rows.order().length);
    rows.ints(window.get("inputs"), batch.tokens(0));
    rows.ints(window.get("targets"), batch.labels());
    return batch;
  }

  /**
   * Returns tensors by name as the flat vector of a layout, which must have no other parameters.
   */
  public static float[] params(ParamLayout layout, JsonNode tensors) {
    assertThat(layout.params()).as("parameters of the layout").hasSize(tensors.size());
    float[] params = new float[layout.size()];
    for (Param param : layout.params()) {
      JsonNode tensor = tensors.get(param.name());
      assertThat(ints(tensor.get("shape")))
          .as("shape of %s", param.name())
          .containsExactly(param.shape().stream().mapToInt(Integer::intValue).toArray());
      System.arraycopy(floats(tensor), 0, params, param.offset(), param.size());
    }
    return params;
  }

  /** Asserts that every element is within 1e-5, relative where it is above 1. */
  public static void assertClose(String what, float[] actual, float[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      double bound = 1e-5 * Math.max(1, Math.abs(expected[i]));
      assertThat((double) actual[i])
          .as("%s, element %d", what, i)
          .isCloseTo(expected[i], within(bound));
    }
  }

  /** Asserts as {@link #assertClose} does, parameter by parameter. */
  public static void assertParamsClose(ParamLayout layout, float[] actual, JsonNode tensors) {
    Iterator<String> names = tensors.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      Param param = layout.get(name);
      float[] part = Arrays.copyOfRange(actual, param.offset(), param.end());
      assertClose("gradient of " + name, part, floats(tensors.get(name)));
    }
  }
}
