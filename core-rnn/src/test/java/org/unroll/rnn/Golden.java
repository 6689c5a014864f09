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
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/** Values computed by PyTorch in float64 and written by {@code scripts/golden.py}. */
public final class Golden {
  private static final String FOLDER = "/golden/";

  private Golden() {}

  /** The names of the files that begin with a prefix, sorted. */
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

  /** The numbers of a tensor with shape and data, or of a plain array. */
  public static float[] floats(JsonNode tensor) {
    JsonNode data = tensor.isArray() ? tensor : tensor.get("data");
    float[] values = new float[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) data.get(i).doubleValue();
    }
    return values;
  }

  /** The whole numbers of an array. */
  public static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).intValue();
    }
    return values;
  }

  /** The steps of each row, or null where the file says that all rows are whole. */
  public static int[] lengths(JsonNode golden) {
    JsonNode lengths = golden.get("lengths");
    return lengths.isNull() ? null : ints(lengths);
  }

  public static CellType cell(JsonNode spec) {
    JsonNode nonlinearity = spec.path("nonlinearity");
    String cell = spec.get("cell").textValue();
    return CellType.valueOf(
        nonlinearity.isMissingNode()
            ? cell
            : cell + "_" + nonlinearity.textValue().toUpperCase(Locale.ROOT));
  }

  /** The model of a file's {@code spec}, without dropout. */
  public static SequenceModel model(JsonNode spec, boolean learnedState) {
    return new SequenceModel(
        new ModelSpec(
            spec.get("vocabulary").intValue(),
            spec.get("embedding").intValue(),
            cell(spec),
            spec.get("layers").intValue(),
            spec.get("hidden").intValue(),
            spec.get("bias").booleanValue(),
            0,
            spec.get("tied").booleanValue(),
            learnedState));
  }

  /** The whole rows of a window with {@code steps}, {@code inputs} and {@code targets}. */
  public static Batch batch(JsonNode window, int rows) {
    Batch batch = new Batch();
    batch.reshape(window.get("steps").intValue(), rows);
    int positions = batch.steps() * rows;
    System.arraycopy(ints(window.get("inputs")), 0, batch.inputs(), 0, positions);
    System.arraycopy(ints(window.get("targets")), 0, batch.targets(), 0, positions);
    return batch;
  }

  /** Tensors by name as the flat vector of a layout, which must have no other parameters. */
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

  /** PyTorch's h, and c for the LSTM, each {@code [L, B, H]}, as {@code [L, slots, B, H]}. */
  public static float[] state(JsonNode state) {
    List<float[]> slots = new ArrayList<>();
    for (String slot : state.has("c") ? List.of("h", "c") : List.of("h")) {
      slots.add(floats(state.get(slot)));
    }
    int layers = state.get("h").get("shape").get(0).intValue();
    int size = slots.get(0).length / layers;
    float[] all = new float[layers * slots.size() * size];
    int to = 0;
    for (int layer = 0; layer < layers; layer++) {
      for (float[] slot : slots) {
        System.arraycopy(slot, layer * size, all, to, size);
        to += size;
      }
    }
    return all;
  }

  /** Every element within 1e-5, relative where it is above 1. */
  public static void assertClose(String what, float[] actual, float[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      double bound = 1e-5 * Math.max(1, Math.abs(expected[i]));
      assertThat((double) actual[i])
          .as("%s, element %d", what, i)
          .isCloseTo(expected[i], within(bound));
    }
  }

  /** As {@link #assertClose}, parameter by parameter. */
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
