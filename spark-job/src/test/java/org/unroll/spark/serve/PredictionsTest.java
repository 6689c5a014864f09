// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.network.Search;
import org.unroll.spark.cli.Shell;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.TaskModel;

@Timeout(600)
class PredictionsTest {
  @TempDir Path folder;

  private static Served serving(String model) {
    return new Served(Served.MODELS.resolve(model));
  }

  private static TaskModel model(String name) {
    return TaskModel.of(ModelStore.read(Served.MODELS.resolve(name).toString()));
  }

  private static JsonNode description(Served served) {
    return Served.json(served.get("/v1/models").body()).get("data").get(0).get("unroll");
  }

  @Test
  void a_classifier_tells_what_predict_does_and_the_probability_of_each_label() {
    try (Served served = serving("classify-text")) {
      String text = "a good story";
      Map<String, Object> expected = model("classify-text").answer(text, Search.GREEDY);
      JsonNode answer = served.ask("/predict", "{\"text\": \"%s\"}".formatted(text));
      assertThat(answer.get("prediction").textValue()).isEqualTo(expected.get("prediction"));
      float[] probability = (float[]) expected.get("probability");
      for (int c = 0; c < probability.length; c++) {
        String label = description(served).get("labels").get(c).textValue();
        assertThat(answer.get("probability").get(c).floatValue()).isEqualTo(probability[c]);
        assertThat(answer.get("probabilities").get(label).floatValue()).isEqualTo(probability[c]);
      }
      assertThat(description(served).get("task").textValue()).isEqualTo("classify");
    }
  }

  @Test
  void rows_are_answered_in_their_order_each_as_alone() {
    try (Served served = serving("classify-text")) {
      JsonNode both =
          served.ask("/predict", "[{\"text\": \"good\"}, {\"text\": \"a bad , long one\"}]");
      JsonNode alone = served.ask("/predict", "{\"text\": \"a bad , long one\"}");
      assertThat(both.get("data")).hasSize(2);
      assertThat(both.get("data").get(1)).isEqualTo(alone);
      JsonNode rows = served.ask("/predict", "{\"rows\": [{\"text\": \"a bad , long one\"}]}");
      assertThat(rows.get("data").get(0)).isEqualTo(alone);
    }
  }

  @Test
  void a_tagger_tells_a_label_and_probabilities_of_each_token() {
    try (Served served = serving("tag-crf")) {
      String row = "{\"word\": [\"the\", \"sea\", \"is\"], \"pos\": [\"DT\", \"NN\", \"VBZ\"]}";
      assertThat(description(served).get("text_columns").toString())
          .isEqualTo("[\"word\",\"pos\"]");
      JsonNode answer = served.ask("/predict", row);
      assertThat(answer.get("prediction")).hasSize(3);
      assertThat(answer.get("probabilities")).hasSize(3);
      double sum = 0;
      for (JsonNode p : answer.get("probabilities").get(1)) {
        sum += p.doubleValue();
      }
      assertThat(sum).isCloseTo(1, within(1e-5));
    }
  }

  @Test
  void a_translator_tells_its_best_texts_and_what_it_looked_at() throws IOException {
    Path read = Files.writeString(folder.resolve("read.txt"), "a b c\nb c a\nc a b\n".repeat(8));
    Path write = Files.writeString(folder.resolve("write.txt"), "x y z\ny z x\nz x y\n".repeat(8));
    Path model = folder.resolve("abc");
    Outcome trained =
        Shell.run(
            ("train --task translate --input %s --target %s --layers 1 --hidden 8 --embedding 4 --epochs 2"
                    + " --batch 8 --shards 1 --master local[1] --valid-fraction 0.2 --unit word --out %s")
                .formatted(read, write, model)
                .split(" "));
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    try (Served served = new Served(model)) {
      JsonNode answer =
          served
              .ask(
                  "/predict",
                  "{\"rows\": [{\"text\": \"a b c\"}], \"beam\": 4, \"n_best\": 3, \"attention\": true}")
              .at("/data/0");
      assertThat(answer.get("n_best")).hasSize(3);
      assertThat(answer.get("n_best").get(0)).isEqualTo(answer.get("prediction"));
      assertThat(answer.get("tokens").toString()).isEqualTo("[\"a\",\"b\",\"c\"]");
      assertThat(answer.get("alignment")).hasSameSizeAs(answer.get("written"));
      assertThat(answer.get("alignment").get(0)).hasSize(3);
      // More than the beam follows cannot be told.
      String more = "{\"rows\": [{\"text\": \"a\"}], \"beam\": 2, \"n_best\": 3}";
      assertThat(served.send(served.post("/predict", more)).statusCode()).isEqualTo(400);
    }
  }

  @Test
  void a_forecaster_takes_numbers_and_names_no_file() {
    try (Served served = serving("forecast-series")) {
      String column = description(served).get("feature_columns").get(0).textValue();
      int channels = description(served).get("channels").intValue();
      String step = channels == 1 ? "%s" : "[" + "%s,".repeat(channels).replaceFirst(",$", "]");
      StringBuilder series = new StringBuilder();
      for (int t = 0; t < 40; t++) {
        series.append(t == 0 ? "" : ",").append(step.replace("%s", String.valueOf(t % 7)));
      }
      JsonNode answer = served.ask("/predict", "{\"%s\": [%s]}".formatted(column, series));
      assertThat(answer.get("prediction").size()).isPositive();
      for (String file : new String[] {"a.npy", "/etc/x.npy", "../x.npz"}) {
        assertThat(
                served
                    .send(served.post("/predict", "{\"%s\": \"%s\"}".formatted(column, file)))
                    .statusCode())
            .isEqualTo(400);
      }
    }
  }

  @Test
  void a_language_model_tells_how_well_it_knows_a_text_and_its_state_behind_it() {
    try (Served served = serving("lm-char")) {
      Map<String, Object> expected = model("lm-char").answer("the sea", Search.GREEDY);
      JsonNode answer = served.ask("/predict", "{\"text\": \"the sea\"}");
      assertThat(answer.get("loss").doubleValue()).isEqualTo(expected.get("loss"));
      JsonNode floats = served.ask("/v1/embeddings", "{\"input\": [\"the sea\", \"a\"]}");
      JsonNode vector = floats.get("data").get(0).get("embedding");
      assertThat(vector).hasSize(model("lm-char").stateWidth());
      JsonNode base64 =
          served.ask("/v1/embeddings", "{\"input\": \"the sea\", \"encoding_format\": \"base64\"}");
      byte[] bytes =
          Base64.getDecoder().decode(base64.get("data").get(0).get("embedding").textValue());
      ByteBuffer same = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (JsonNode number : vector) {
        assertThat(same.getFloat()).isEqualTo(number.floatValue());
      }
    }
  }

  @Test
  void rows_that_are_none_are_refused_by_their_columns() {
    try (Served served = serving("classify-text")) {
      for (String body :
          new String[] {"{}", "{\"review\": 1}", "[]", "[1]", "{\"text\": {}}", "3"}) {
        assertThat(served.send(served.post("/predict", body)).statusCode()).as(body).isEqualTo(400);
      }
      String completion = Served.completion("a", 1, 1).toString();
      assertThat(served.send(served.post("/v1/completions", completion)).body())
          .contains("Ask /predict");
    }
  }
}
