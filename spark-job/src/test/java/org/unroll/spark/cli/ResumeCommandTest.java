// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** Trainings that are cut short, and the same command again. */
class ResumeCommandTest {
  private static final String TEXT = "the sea is wide, the sea is deep.\n".repeat(120);

  /** The line at which the first run breaks off. Those of short epochs before it are not shown. */
  private static final String END = "epoch 5/";

  @TempDir static Path home;
  private static Path text;
  private static byte[] undisturbed;

  @TempDir Path folder;

  @BeforeAll
  static void trainUndisturbed() throws IOException {
    text = Files.writeString(home.resolve("sea.txt"), TEXT);
    Path out = home.resolve("model");
    Outcome outcome = Shell.run(words(out));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    undisturbed = Files.readAllBytes(out.resolve("model.safetensors"));
    assertThat(home.resolve("model.checkpoints")).doesNotExist();
    assertThat(Files.readString(out.resolve("config.json"))).doesNotContain("unfinished");
  }

  private static String[] words(Path out, String... more) {
    String[] options = {
      "train",
      "--input",
      text.toString(),
      "--out",
      out.toString(),
      "--master",
      "local[2]",
      "--valid-fraction",
      "0.1",
      "--layers",
      "1",
      "--hidden",
      "12",
      "--batch",
      "8",
      "--window",
      "20",
      "--epochs",
      "5",
      "--lr",
      "0.02",
      "--shards",
      "3",
      "--dropout",
      "0.1",
      "--checkpoint-every",
      "7"
    };
    return Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private Path model() {
    return folder.resolve("model");
  }

  private List<String> checkpoints() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("model.checkpoints"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void cutShort(String... more) throws IOException {
    Outcome outcome = Shell.runUntil(END, words(model(), more));
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(1);
    assertThat(checkpoints()).hasSize(2);
    assertThat(Files.readString(model().resolve("config.json"))).contains("\"unfinished_run\"");
  }

  private String refusal(String... more) {
    Outcome outcome = Shell.run(words(model(), more));
    assertThat(outcome.exitCode()).isEqualTo(2);
    return outcome.err();
  }

  private Outcome finish(String... more) throws IOException {
    Outcome outcome = Shell.run(words(model(), more));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(folder.resolve("model.checkpoints")).doesNotExist();
    return outcome;
  }

  private void assertUndisturbed() {
    assertThat(model().resolve("model.safetensors")).hasBinaryContent(undisturbed);
  }

  @Test
  void the_same_command_goes_on_and_leaves_the_same_bytes() throws IOException {
    cutShort();
    String newest = checkpoints().get(1);
    // 23 rounds an epoch: the last multiples of 7 before the end of the fifth.
    assertThat(checkpoints())
        .containsExactly("round-000000000105.safetensors", "round-000000000112.safetensors");
    Outcome outcome = finish("--json");
    assertUndisturbed();
    assertThat(outcome.err())
        .contains("Resuming after round 20 of epoch 5 from ", newest + ".")
        .contains("epoch 5/5  train ")
        .doesNotContain("epoch 4/5");
    assertThat(Files.readAllLines(model().resolve("metrics.jsonl"))).hasSize(5);
    JsonNode figures = new ObjectMapper().readTree(outcome.lastLine());
    assertThat(figures.get("epochs").intValue()).isEqualTo(5);
    assertThat(figures.get("rounds").longValue()).isEqualTo(5L * 23);
    assertThat(Files.readString(model().resolve("report.html"))).doesNotContain("not finished");
    assertThat(refusal()).contains("already holds a model", "--overwrite");
  }

  @Test
  void a_finished_training_is_gone_on_with_from_its_model() throws IOException {
    String first = home.resolve("model").toString();
    Outcome refused = Shell.run(words(Path.of(first), "--epochs", "7"));
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("already holds a model", "name a new folder and give --from " + first);
    Outcome more = Shell.run(words(model(), "--from", first, "--epochs", "2", "--json"));
    assertThat(more.exitCode()).as(more.err()).isZero();
    JsonNode loss = new ObjectMapper().readTree(more.lastLine()).get("loss");
    List<String> before = Files.readAllLines(Path.of(first).resolve("metrics.jsonl"));
    JsonNode reached = new ObjectMapper().readTree(before.get(4)).get("valid_loss");
    assertThat(loss.doubleValue()).isLessThan(reached.doubleValue());
    assertThat(Files.readString(model().resolve("config.json")))
        .contains("\"from\"", "\"checksum\"");
  }

  @Test
  void a_model_to_start_from_is_one_of_the_same_meaning() throws IOException {
    String first = home.resolve("model").toString();
    assertThat(refusal("--from", first, "--hidden", "13"))
        .contains("--from " + first + " is a model with other layers than this training");
    Files.writeString(folder.resolve("other.txt"), TEXT.replace("w", "W"));
    assertThat(refusal("--from", first, "--input", folder.resolve("other.txt").toString()))
        .contains("is a model with other tokens");
    assertThat(refusal("--from", first, "--orthogonal"))
        .contains("--from " + first + " and --orthogonal both say what parameters start from");
    Outcome same = Shell.run(words(home.resolve("model"), "--from", first, "--overwrite"));
    assertThat(same.exitCode()).isEqualTo(2);
    assertThat(same.err()).contains("--from and --out are the same folder");
    assertThat(model()).doesNotExist();
  }

  @Test
  void workers_rounds_and_intervals_may_be_others() throws IOException {
    cutShort();
    finish("--workers", "1", "--rounds", "job", "--checkpoint-every", "0");
    assertUndisturbed();
  }

  @Test
  void a_damaged_newest_checkpoint_is_skipped() throws IOException {
    cutShort();
    Path newest = folder.resolve("model.checkpoints").resolve(checkpoints().get(1));
    byte[] bytes = Files.readAllBytes(newest);
    Files.write(newest, Arrays.copyOf(bytes, bytes.length / 2));
    Outcome outcome = finish();
    assertThat(outcome.err())
        .contains("Skipped the checkpoint " + newest + ", which is cut off or damaged")
        .contains("Resuming after round 13 of epoch 5 from ");
    assertUndisturbed();
  }

  @Test
  void without_its_checkpoints_it_starts_anew_over_its_own_model() throws IOException {
    cutShort("--checkpoint-dir", folder.resolve("model.checkpoints").toString());
    for (String name : checkpoints()) {
      Files.delete(folder.resolve("model.checkpoints").resolve(name));
    }
    assertThat(refusal("--lr", "0.01"))
        .contains("already holds a model of another training, which has not finished");
    assertThat(finish().err()).doesNotContain("Resuming");
    assertUndisturbed();
  }

  @Test
  void other_settings_are_refused_or_start_anew() throws IOException {
    cutShort();
    List<String> before = checkpoints();
    assertThat(refusal("--lr", "0.01", "--clip-norm", "1"))
        .contains("is of another training: ")
        .contains("--lr is 0.02 there and 0.01 here")
        .contains("--clip-norm is 5.0 there and 1.0 here")
        .contains("--overwrite");
    Files.writeString(folder.resolve("other.txt"), TEXT + "!");
    assertThat(refusal("--input", folder.resolve("other.txt").toString()))
        .contains("the data are others");
    assertThat(checkpoints()).isEqualTo(before);
    Outcome outcome = finish("--lr", "0.01", "--overwrite");
    assertThat(outcome.err())
        .contains("Removed the checkpoints of another training")
        .doesNotContain("Resuming");
  }

  @Test
  void an_overwriting_command_goes_on_too() throws IOException {
    cutShort("--overwrite", "--checkpoint-every", "40");
    assertThat(finish("--overwrite").err()).contains("Resuming after round 11 of epoch 4 from ");
    assertUndisturbed();
  }

  @Test
  void a_training_that_diverges_keeps_its_last_good_state() throws IOException {
    Outcome outcome =
        Shell.run(
            words(
                model(),
                "--lr",
                "1e30",
                "--lr-schedule",
                "cosine",
                "--warmup",
                "1000000000000",
                "--optimizer",
                "sgd",
                "--clip-norm",
                "0",
                "--checkpoint-every",
                "1"));
    assertThat(outcome.exitCode()).isEqualTo(1);
    String last = outcome.err().strip().lines().reduce((a, b) -> b).orElseThrow();
    assertThat(last)
        .contains("training diverged at step ", "(epoch 1, window ", "gradient norm ")
        .contains(" in ", "shard")
        .contains(
            "learning rate ",
            "The last good state is kept in ",
            checkpoints().get(checkpoints().size() - 1))
        .contains("start anew with other settings, such as a smaller --lr or --clip-norm, and");
    assertThat(model()).doesNotExist();
  }

  @Test
  void a_folder_that_cannot_be_used_is_an_error_before_the_first_round() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThat(refusal("--checkpoint-dir", file.resolve("x").toString()))
        .contains(file + "/x cannot be used");
    assertThat(refusal("--checkpoint-dir", model().toString()))
        .contains("cannot be in the model's folder");
    assertThat(refusal("--checkpoint-every", "soon")).contains("such as 30s, 10m or 2h");
    assertThat(refusal("--keep-checkpoints", "0")).contains("must be at least 1");
    assertThat(model()).doesNotExist();
  }
}
