// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.InputSpec.TokenColumn;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.RnnSpec;

class ModelConfigTest {

  private static ModelConfig config() {
    Map<String, Object> training = new LinkedHashMap<>();
    training.put("optimizer", Map.of("kind", "adam"));
    training.put("batch", 50);
    training.put("lr", 0.002);
    training.put("seed", 5_000_000_000L);
    training.put("valid", null);
    training.put("inputs", List.of("a.txt", "\u00e9.txt"));
    RnnSpec rnn =
        new RnnSpec(
            CellType.RNN_TANH,
            128,
            256,
            2,
            128,
            true,
            Direction.FORWARD,
            false,
            true,
            new DropoutSpec(0.1, 0.25, 0.25, 0.25, 0.5, true));
    NetworkSpec model = NetworkSpec.languageModel(65, rnn, true, true, false);
    return new ModelConfig("lm", Map.of("unit", "char"), model, training, Map.of());
  }

  private static String written(ModelConfig config) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    config.write(out);
    return out.toString(UTF_8);
  }

  private static ModelConfig read(String json) throws IOException {
    return ModelConfig.read(new ByteArrayInputStream(json.getBytes(UTF_8)), "m/config.json");
  }

  @Test
  void it_comes_back() throws IOException {
    assertThat(read(written(config()))).isEqualTo(config());
    assertThat(config().formatVersion()).isEqualTo(3);
  }

  static List<NetworkSpec> networks() {
    List<NetworkSpec> networks = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      RnnSpec rnn = RnnSpec.of(cell, 4, 5, 1);
      networks.add(NetworkSpec.languageModel(3, rnn, false, false, true));
    }
    HeadSpec adaptive = new HeadSpec.Vocabulary(9, false, true, 0, List.of(3, 5), 2);
    RnnSpec forward = RnnSpec.of(CellType.LSTM, 4, 8, 1);
    networks.add(NetworkSpec.of(InputSpec.ofTokens(9, 4), forward, null, adaptive));
    Pooling.Type max = Pooling.Type.MAX;
    InputSpec everything =
        new InputSpec(
            List.of(new TokenColumn(5, 3, false), new TokenColumn(2, 1)),
            4,
            new InputSpec.WordSpec(9, 2, CellType.GRU, 3, Pooling.Type.LAST));
    HeadSpec weighted = new HeadSpec.Softmax(3, Target.STEP, 0.1, List.of(1.0, 0.5, 2.0));
    HeadSpec numbers = new HeadSpec.Regression(7, Target.SEQUENCE);
    networks.add(network(InputSpec.ofTokens(5, 3), max, new HeadSpec.Softmax(2, Target.SEQUENCE)));
    networks.add(network(everything, null, weighted));
    networks.add(network(new InputSpec(List.of(), 2, null), Pooling.Type.LAST, numbers));
    networks.add(network(InputSpec.ofTokens(5, 3), null, new HeadSpec.LinearCrf(4)));
    networks.add(network(new InputSpec(List.of(), 3, null), null, new HeadSpec.Alignment(6)));
    networks.add(writer());
    return networks;
  }

  private static NetworkSpec writer() {
    RnnSpec layers = RnnSpec.of(CellType.GRU, 3 + 5, 5, 1);
    Attention.Type way = Attention.Type.GENERAL;
    DecoderSpec decoder =
        new DecoderSpec(7, 1, 3, false, layers, DecoderSpec.Bridge.LINEAR, way, true);
    RnnSpec reading = RnnSpec.of(CellType.GRU, 4, 5, 1);
    HeadSpec words = new HeadSpec.Vocabulary(7, false, true);
    return new NetworkSpec(InputSpec.ofTokens(9, 4), reading, decoder, false, null, words);
  }

  private static NetworkSpec network(InputSpec inputs, Pooling.Type pooling, HeadSpec head) {
    DropoutSpec dropout = new DropoutSpec(0.1, 0.2, 0.3, 0.4, 0.5, true);
    RnnSpec encoder =
        TestNetworks.with(
                RnnSpec.of(CellType.LSTM, inputs.width(), 8, 2).with(Direction.BOTH), true, false)
            .with(dropout);
    return NetworkSpec.of(inputs, encoder, pooling, head);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void every_network_comes_back(NetworkSpec network) throws IOException {
    ModelConfig config = new ModelConfig("t", Map.of(), network, Map.of(), Map.of());
    assertThat(read(written(config)).model()).isEqualTo(network);
  }

  @Test
  void the_text_is_for_people_and_the_same_on_every_machine() throws IOException {
    assertThat(written(config()))
        .isEqualTo(
            """
            {
              "format_version" : 3,
              "task" : "lm",
              "data" : {
                "unit" : "char"
              },
              "model" : {
                "inputs" : {
                  "columns" : [ {
                    "vocabulary" : 65,
                    "embedding" : 128,
                    "trainable" : true
                  } ],
                  "features" : 0,
                  "words" : null
                },
                "encoder" : {
                  "cell" : "rnn_tanh",
                  "input_size" : 128,
                  "hidden_size" : 256,
                  "layers" : 2,
                  "last_size" : 128,
                  "bias" : true,
                  "direction" : "forward",
                  "residual" : false,
                  "layer_norm" : true,
                  "dropout" : {
                    "embedding" : 0.1,
                    "input" : 0.25,
                    "between" : 0.25,
                    "output" : 0.25,
                    "weight" : 0.5,
                    "locked" : true
                  }
                },
                "decoder" : null,
                "learned_state" : false,
                "pooling" : null,
                "head" : {
                  "kind" : "vocabulary",
                  "tokens" : 65,
                  "tied" : true,
                  "bias" : true,
                  "smoothing" : 0.0,
                  "cutoffs" : [ ],
                  "divisor" : 4
                }
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
    ModelConfig config = new ModelConfig("lm", Map.of(), config().model(), training, Map.of());
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
        "'layers' : 2        | 'layers' : 2.5      | : the field model.encoder.layers must be a"
            + " whole number but is 2.5",
        "'layers' : 2        | 'layers' : '2'      | : the field model.encoder.layers must be a"
            + " whole number but is \"2\"",
        "'layers' : 2        | 'layers' : 3000000000 | : the field model.encoder.layers must be a"
            + " whole number but is 3000000000",
        "'layers' : 2        | 'layers' : true     | : the field model.encoder.layers must be a"
            + " whole number but is true",
        "'layers' : 2        | 'layers' : 0        | : model.encoder: layers must be positive but"
            + " was 0",
        "'layers' : 2,       | ``                  | : the field model.encoder.layers is missing",
        "'layers' : 2,       | 'layers' : 2, 'layers' : 3, | : line 21 is not valid JSON:"
            + " Duplicate",
        "'weight' : 0.5      | 'weight' : null     | : the field model.encoder.dropout.weight must"
            + " be a number but is null",
        "'weight' : 0.5      | 'weight' : '0.5'    | : the field model.encoder.dropout.weight must"
            + " be a number but is \"0.5\"",
        "'weight' : 0.5      | 'weight' : 1        | : model.encoder.dropout: weight drop must be"
            + " in [0, 1) but was 1.0",
        "'residual' : false  | 'residual' : 1      | : the field model.encoder.residual must be"
            + " true or false but is 1",
        "'residual' : false  | 'residual' : 'false' | : the field model.encoder.residual must be"
            + " true or false but is \"false\"",
        "rnn_tanh            | elman               | : the field model.encoder.cell must be one of"
            + " [rnn_tanh, rnn_relu, gru, lstm] but is \"elman\"",
        "'cell' : 'rnn_tanh' | 'cell' : 2          | : the field model.encoder.cell must be one of"
            + " [rnn_tanh, rnn_relu, gru, lstm] but is 2",
        "'cell' : 'rnn_tanh' | 'cell' : null       | : model.encoder: cell, direction and dropout"
            + " must be given",
        "'last_size' : 128   | 'last_size' : 64    | : model: tied weights need",
        "'vocabulary' : 65   | 'vocabulary' : 'x'  | : the field model.inputs.columns[0].vocabulary"
            + " must be a whole number but is \"x\"",
        "'vocabulary' : 65   | 'vocabulary' : 0    | : model.inputs.columns[0]: vocabulary must be"
            + " positive but was 0",
        "'kind' : 'vocabulary' | 'kind' : 'oracle' | : the field model.head.kind must be one of"
            + " [vocabulary, softmax, regression, crf, ctc] but is \"oracle\"",
        "'kind' : 'vocabulary', | ``               | : the field model.head.kind is missing",
        "'tokens' : 65,      | 'tokens' : 65, 'x' : 1, | : the field model.head.x is unknown",
        "'cutoffs' : [ ]     | 'cutoffs' : [ 2.5 ] | : the field model.head.cutoffs[0] must be a"
            + " whole number but is 2.5",
        "'cutoffs' : [ ]     | 'cutoffs' : [ null ] | : model.head: a cutoff is missing",
        "'cutoffs' : [ ]     | 'cutoffs' : null    | : model.head: the list of cutoffs is missing",
        "'cutoffs' : [ ]     | 'cutoffs' : [ 9, 65 ] | : model.head: cutoffs must be below the 65"
            + " tokens of the vocabulary, but one is 65",
        "'cutoffs' : [ ],    | ``                  | : the field model.head.cutoffs is missing",
        "'pooling' : null    | 'pooling' : 'max'   | : model: pooling MAX leaves no steps",
        "'pooling' : null,   | ``                  | : the field model.pooling is missing",
        "'task' : 'lm'       | 'task' : 5          | : the field task must be text but is 5",
        "'task' : 'lm'       | 'tusk' : 'lm'       | : the field task is missing",
        "'provenance' : {    | 'more' : 1, 'provenance' : { | : the field more is unknown",
        "'provenance' : { }  | 'provenance' : [ ]  | : the field provenance must be an object but"
            + " is []",
        "'provenance' : { }  | 'provenance' : { }, | : line 60 is not valid JSON",
        "'format_version' : 3 | 'format_version' : 0 | has the format version 0",
        "'format_version' : 3 | 'format_version' : '2' | : the field format_version must be a whole"
            + " number but is \"2\"",
        "'format_version' : 3, | ``                | : the field format_version is missing",
      })
  void errors_name_the_field(String text, String replacement, String message) throws IOException {
    String valid = written(config());
    String changed = valid.replace(text.replace('\'', '"'), replacement.replace('\'', '"'));
    assertThat(changed).isNotEqualTo(valid);
    assertThatThrownBy(() -> read(changed))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("m/config.json")
        .hasMessageContaining(message);
  }

  @Test
  void a_decoder_has_no_learned_state() throws IOException {
    String valid = written(new ModelConfig("t", Map.of(), writer(), Map.of(), Map.of()));
    String changed = valid.replace("\"learned_state\" : false", "\"learned_state\" : true");
    assertThatThrownBy(() -> read(changed))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "m/config.json: model: a network that writes reads whole rows, whose first state is zero"
                + " and none that is learned");
  }

  @Test
  void a_newer_version_is_refused_with_both_numbers_whatever_its_fields_are() {
    assertThatThrownBy(() -> read("{\"format_version\": 4, \"model\": \"new\"}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("format version 4")
        .hasMessageContaining("up to 3");
  }

  @Test
  void what_is_no_object_is_refused() {
    assertThatThrownBy(() -> read("[]")).hasMessage("m/config.json must be a JSON object");
    assertThatThrownBy(() -> read("")).hasMessage("m/config.json must be a JSON object");
    assertThatThrownBy(() -> read("{} {}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not valid JSON");
  }

  @Test
  void word_vectors_are_no_model() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelConfig.writeEmbeddings(3, 2, Map.of("epochs", 1), Map.of(), out);
    assertThat(out.toString(UTF_8)).contains("\"kind\" : \"embeddings\"", "\"words\" : 3");
    assertThatThrownBy(() -> read(out.toString(UTF_8)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("belongs to word vectors and not to a model");
  }

  /** A language model as version 1 of the format had it. */
  private static final String OLD_LANGUAGE_MODEL =
      """
      {
        "format_version" : 1, "task" : "lm", "unit" : "word",
        "model" : {
          "vocabulary" : 52, "embedding" : 6, "cell" : "rnn_relu", "layers" : 2, "hidden" : 8,
          "bias" : false, "dropout" : 0.25, "tied" : false, "learned_state" : true
        },
        "training" : { "epochs" : 6 },
        "provenance" : { "unroll" : "0.1.0" }
      }
      """;

  @Test
  void a_language_model_of_version_1_is_read() throws IOException {
    RnnSpec rnn =
        new RnnSpec(
            CellType.RNN_RELU,
            6,
            8,
            2,
            8,
            false,
            Direction.FORWARD,
            false,
            false,
            TestNetworks.around(0.25, false));
    assertThat(read(OLD_LANGUAGE_MODEL))
        .isEqualTo(
            new ModelConfig(
                1,
                "lm",
                Map.of("unit", "word"),
                NetworkSpec.languageModel(52, rnn, false, false, true),
                Map.of("epochs", 6),
                Map.of("unroll", "0.1.0")));
  }

  /** A tagger as version 1 had it; what is not there was not written. */
  private static final String OLD_TAGGER =
      """
      {
        "format_version" : 1, "task" : "tag",
        "data" : { "text" : [ "word", "pos" ], "labels" : [ "O", "B", "I" ] },
        "model" : {
          "inputs" : {
            "columns" : [ { "vocabulary" : 34, "embedding" : 6, "trainable" : false },
                          { "vocabulary" : 9, "embedding" : 4, "trainable" : true } ],
            "features" : 2,
            "words" : { "vocabulary" : 30, "embedding" : 5, "cell" : "gru", "hidden" : 3,
                        "pooling" : "max" }
          },
          "encoder" : {
            "cell" : "lstm", "hidden" : 7, "layers" : 2, "bias" : true, "direction" : "both",
            "residual" : true, "layer_norm" : true,
            "dropout" : { "embedding" : 0.1, "input" : 0.2, "between" : 0.3, "output" : 0.4,
                          "weight" : 0.5, "locked" : true }
          },
          "head" : { "kind" : "crf", "labels" : 3 }
        },
        "training" : { }, "provenance" : { }
      }
      """;

  @Test
  void a_tagger_of_version_1_is_read() throws IOException {
    InputSpec inputs =
        new InputSpec(
            List.of(new TokenColumn(34, 6, false), new TokenColumn(9, 4)),
            2,
            new InputSpec.WordSpec(30, 5, CellType.GRU, 3, Pooling.Type.MAX));
    RnnSpec rnn =
        TestNetworks.with(
                RnnSpec.of(CellType.LSTM, 6 + 4 + 2 + 2 * 3, 7, 2).with(Direction.BOTH), true, true)
            .with(new DropoutSpec(0.1, 0.2, 0.3, 0.4, 0.5, true));
    ModelConfig config = read(OLD_TAGGER);
    assertThat(config.model())
        .isEqualTo(NetworkSpec.of(inputs, rnn, null, new HeadSpec.LinearCrf(3)));
    assertThat(config.data()).containsEntry("labels", List.of("O", "B", "I"));
  }

  @Test
  void a_classifier_of_version_1_is_read() throws IOException {
    String series =
        """
        "inputs" : { "columns" : [ ], "features" : 2 },
        """;
    String old =
        OLD_TAGGER
            .replaceAll("(?s)\"inputs\" : .*?\"max\" }\\s*},", series)
            .replaceAll(
                "\"head\" : .*}",
                "\"pooling\" : \"mean\", \"head\" : { \"kind\" : \"softmax\", \"classes\" : 3,"
                    + " \"target\" : \"sequence\", \"smoothing\" : 0.1 }");
    NetworkSpec model = read(old).model();
    assertThat(model.inputs()).isEqualTo(new InputSpec(List.of(), 2, null));
    assertThat(model.pooling()).isEqualTo(Pooling.Type.MEAN);
    assertThat(model.head()).isEqualTo(new HeadSpec.Softmax(3, Target.SEQUENCE, 0.1, null));
  }

  @Test
  void what_is_wrong_in_a_file_of_version_1_is_named_too() {
    assertThatThrownBy(() -> read(OLD_LANGUAGE_MODEL.replace("\"tied\" : false,", "")))
        .isInstanceOf(InputException.class)
        .hasMessage("m/config.json: the field model.head.tied is missing");
    assertThatThrownBy(() -> read(OLD_LANGUAGE_MODEL.replace("\"tied\"", "\"x\" : 1, \"tied\"")))
        .isInstanceOf(InputException.class)
        .hasMessage("m/config.json: the field model.x is unknown");
    assertThatThrownBy(() -> read(OLD_TAGGER.replace("\"hidden\" : 7", "\"hidden\" : 0")))
        .isInstanceOf(InputException.class)
        .hasMessage("m/config.json: model.encoder: hidden size must be positive but was 0");
    assertThatThrownBy(() -> read(OLD_TAGGER.replace("\"hidden\" : 7,", "")))
        .isInstanceOf(InputException.class)
        .hasMessage("m/config.json: the field model.encoder.hidden_size is missing");
  }
}
