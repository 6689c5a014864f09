// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** Trainings that take the matching parts of a model of another task. */
class StartCommandTest {
  private static final String NETWORK = "--layers 1 --hidden 6 --embedding 4 ";
  private static final String RUN = "--batch 4 --master local[2] --seed 3 ";

  @TempDir static Path home;
  private static Path language;
  private static String classify;

  @TempDir Path folder;

  @BeforeAll
  static void trainALanguageModel() throws IOException {
    String lines = "sun and wind\nrain and rain\nfog and hail\n".repeat(20);
    Path text = Files.writeString(home.resolve("text.txt"), lines);
    language = home.resolve("lm");
    run(
        "train --unit wordpunct --lowercase --epochs 1 --window 5 --input %s --out %s %s%s"
            .formatted(text, language, NETWORK, RUN));
    String rows = "label\ttext\n" + "mild\tsun and wind\nwet\train and snow\n".repeat(8);
    Path table = Files.writeString(home.resolve("rows.tsv"), rows);
    classify = "train --task classify --input " + table + " " + RUN;
  }

  private static Outcome run(String words) {
    Outcome outcome = Shell.run(words.split(" +"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome;
  }

  private String started(String out) {
    return "%s --start %s --out %s ".formatted(classify, language, folder.resolve(out));
  }

  private String refusal(String options) {
    Outcome outcome = Shell.run((started("refused") + options).split(" +"));
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(folder.resolve("refused")).doesNotExist();
    return outcome.err();
  }

  private byte[] params(String model) throws IOException {
    return Files.readAllBytes(folder.resolve(model).resolve("model.safetensors"));
  }

  @Test
  void a_classifier_takes_the_vectors_and_layers_of_a_language_model_whatever_the_workers()
      throws IOException {
    String options = NETWORK + "--epochs 2 --lr-layers 0.4 --unfreeze-every 1 ";
    Outcome one = run(started("one") + options + "--workers 1");
    run(started("two") + options + "--workers 2");
    assertThat(one.err())
        .contains("Starts from " + language + ", a model of task lm.")
        .contains("Taken: embedding (5 of 6 rows), rnn_l0. Drawn: decoder.");
    assertThat(params("one")).isEqualTo(params("two"));
    JsonNode config = new ObjectMapper().readTree(folder.resolve("one/config.json").toFile());
    JsonNode start = config.get("provenance").get("start");
    assertThat(start.get("path").textValue()).isEqualTo(language.toString());
    assertThat(start.get("task").textValue()).isEqualTo("lm");
    assertThat(start.get("taken").get("embedding").get("rows").intValue()).isEqualTo(5);
    assertThat(start.get("taken").get("embedding").get("of").intValue()).isEqualTo(6);
    assertThat(start.get("drawn").get(0).textValue()).isEqualTo("decoder");
    assertThat(config.get("training").get("lr_layers").textValue()).isEqualTo("0.4");
    assertThat(config.get("training").get("unfreeze_every").intValue()).isEqualTo(1);
  }

  @Test
  void a_training_that_was_cut_short_goes_on_to_the_same_bytes() throws IOException {
    String options = NETWORK + "--epochs 4 --checkpoint-every 1 --unfreeze-every 1";
    run(started("whole") + options);
    Outcome broken = Shell.runUntil("epoch 4/4", (started("cut") + options).split(" +"));
    assertThat(broken.exitCode()).as(broken.err()).isEqualTo(1);
    Outcome other = Shell.run((started("cut") + options + " --lr-layers 0.5").split(" +"));
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("--lr-layers is not used there and 0.5 here");
    assertThat(run(started("cut") + options).err()).contains("Resuming after round");
    assertThat(params("cut")).isEqualTo(params("whole"));
  }

  @Test
  void what_does_not_fit_is_refused_with_both_sides() {
    assertThat(refusal("--layers 1 --hidden 6 --embedding 4 --cell gru"))
        .contains("a model of task lm", "its cells are LSTM and here GRU (--cell)");
    assertThat(refusal("--layers 1 --hidden 7 --embedding 4"))
        .contains("its first layer has 6 units and here 7 (--hidden)");
    assertThat(refusal("--layers 1 --hidden 6 --embedding 5"))
        .contains("its vectors of tokens have 4 numbers and here 5 (--embedding)");
    assertThat(refusal(NETWORK + "--unit char")).contains("it knows none of the tokens");
    assertThat(refusal(NETWORK + "--from " + language))
        .contains("--start", "--from", "both say what parameters start from");
    assertThat(refusal(NETWORK + "--lr-layers rnn.3=0.1"))
        .contains("'rnn.3'", "embedding, rnn.0, head");
    assertThat(refusal(NETWORK + "--lr-layers embedding=0,rnn.0=0,head=0"))
        .contains("nothing to learn");
    assertThat(refusal(NETWORK + "--lr-layers embedding=much"))
        .contains("--lr-layers embedding=much cannot be read");
    assertThat(refusal(NETWORK + "--lr-layers -1")).contains("cannot be read");
    assertThat(refusal(NETWORK + "--lr-layers rnn.0=1,rnn.0=2")).contains("rnn.0 twice");
    Outcome none =
        Shell.run(
            (classify + NETWORK + "--start " + home + "/nothing --out " + folder + "/refused")
                .split(" +"));
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("There is no model folder", "nothing");
  }
}
