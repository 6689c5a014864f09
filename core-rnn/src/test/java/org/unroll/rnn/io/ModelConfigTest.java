// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.nn.CellType;

class ModelConfigTest {

  private static ModelConfig config() {
    Map<String, Object> training = new LinkedHashMap<>();
    training.put("optimizer", Map.of("kind", "adam"));
    training.put("batch", 50);
    training.put("lr", 0.002);
    training.put("seed", 5_000_000_000L);
    training.put("valid", null);
    training.put("inputs", List.of("a.txt", "\u00e9.txt"));
    ModelSpec model = new ModelSpec(65, 128, CellType.RNN_TANH, 2, 128, true, 0.25, true, false);
    return new ModelConfig(1, "lm", "char", model, training, Map.of());
  }

  private static byte[] written(ModelConfig config) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    config.write(out);
    return out.toByteArray();
  }

  private static ModelConfig read(String json) throws IOException {
    return ModelConfig.read(new ByteArrayInputStream(json.getBytes(UTF_8)), "m/config.json");
  }

  @Test
  void it_comes_back() throws IOException {
    assertThat(read(new String(written(config()), UTF_8))).isEqualTo(config());
  }

  @Test
  void it_comes_back_for_every_cell() throws IOException {
    for (CellType cell : CellType.values()) {
      ModelSpec model = new ModelSpec(3, 4, cell, 1, 5, false, 0, false, true);
      ModelConfig config = new ModelConfig(1, "lm", "word", model, Map.of(), Map.of());
      assertThat(read(new String(written(config), UTF_8)).model()).isEqualTo(model);
    }
  }

  @Test
  void the_text_is_for_people_and_the_same_on_every_machine() throws IOException {
    assertThat(new String(written(config()), UTF_8))
        .isEqualTo(
            """
            {
              "format_version" : 1,
              "task" : "lm",
              "unit" : "char",
              "model" : {
                "vocabulary" : 65,
                "embedding" : 128,
                "cell" : "rnn_tanh",
                "layers" : 2,
                "hidden" : 128,
                "bias" : true,
                "dropout" : 0.25,
                "tied" : true,
                "learned_state" : false
              },
              "training" : {
                "optimizer" : {
                  "kind" : "adam"
                },
                "batch" : 50,
                "lr" : 0.002,
                "seed" : 5000000000,
                "valid" : null,
                "inputs" : [ "a.txt", "\u00e9.txt" ]
              },
              "provenance" : { }
            }
            """);
  }

  @Test
  void its_maps_do_not_change() {
    Map<String, Object> training = new LinkedHashMap<>(Map.of("batch", 50));
    ModelSpec model = config().model();
    ModelConfig config = new ModelConfig(1, "lm", "char", model, training, Map.of());
    training.put("batch", 51);
    assertThat(config.training()).containsEntry("batch", 50);
    assertThatThrownBy(() -> config.training().put("x", 1))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'layers' : 2        | 'layers' : 2.5      | : the field model.layers must be a whole"
            + " number but is 2.5",
        "'layers' : 2        | 'layers' : '2'      | : the field model.layers must be a whole"
            + " number but is \"2\"",
        "'layers' : 2        | 'layers' : 3000000000 | : the field model.layers must be a whole"
            + " number but is 3000000000",
        "'layers' : 2        | 'layers' : 0        | : model: layers must be positive but was 0",
        "'layers' : 2,       | ``                  | : the field model.layers is missing",
        "'layers' : 2,       | 'layers' : 2, 'layers' : 3, | : line 9 is not valid JSON:"
            + " Duplicate",
        "'dropout' : 0.25    | 'dropout' : null    | : the field model.dropout must be a number but"
            + " is null",
        "'dropout' : 0.25    | 'dropout' : 1       | : model: dropout must be in [0, 1) but was"
            + " 1.0",
        "'bias' : true       | 'bias' : 1          | : the field model.bias must be true or false"
            + " but is 1",
        "rnn_tanh            | elman               | : the field model.cell must be one of"
            + " [rnn_tanh, rnn_relu, gru, lstm] but is \"elman\"",
        "'hidden' : 128      | 'hidden' : 64       | : model: tied weights need",
        "'tied' : true,      | 'tied' : true, 'x' : 1, | : the field model.x is unknown",
        "'task' : 'lm'       | 'task' : 5          | : the field task must be text but is 5",
        "'task' : 'lm'       | 'tusk' : 'lm'       | : the field task is missing",
        "'provenance' : {    | 'more' : 1, 'provenance' : { | : the field more is unknown",
        "'provenance' : { }  | 'provenance' : [ ]  | : the field provenance must be an object but"
            + " is []",
        "'provenance' : { }  | 'provenance' : { }, | : line 27 is not valid JSON",
        "'format_version' : 1 | 'format_version' : 0 | has the format version 0",
        "'format_version' : 1, | ``                | : the field format_version is missing",
      })
  void errors_name_the_field(String text, String replacement, String message) throws IOException {
    String valid = new String(written(config()), UTF_8);
    String changed = valid.replace(text.replace('\'', '"'), replacement.replace('\'', '"'));
    assertThat(changed).isNotEqualTo(valid);
    assertThatThrownBy(() -> read(changed))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("m/config.json")
        .hasMessageContaining(message);
  }

  @Test
  void a_newer_version_is_refused_with_both_numbers_whatever_its_fields_are() {
    assertThatThrownBy(() -> read("{\"format_version\": 3, \"model\": \"new\"}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("format version 3")
        .hasMessageContaining("up to 1");
  }

  @Test
  void what_is_no_object_is_refused() {
    assertThatThrownBy(() -> read("[]")).hasMessage("m/config.json must be a JSON object");
    assertThatThrownBy(() -> read("")).hasMessage("m/config.json must be a JSON object");
    assertThatThrownBy(() -> read("{} {}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not valid JSON");
  }
}
