// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** The states of an agent, from walks to vectors, as a person would make them. */
class StateCommandsTest {
  private static final Path WALKS = Shell.HOME.resolve("data-samples/walks");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static Path model;
  private static Outcome trained;

  @BeforeAll
  static void train() {
    model = folder.resolve("model");
    trained = train(WALKS.resolve("train.jsonl"), model, "--probe", "positions");
  }

  private static Outcome train(Path input, Path out, String... more) {
    return Shell.run(words(input, out, more));
  }

  private static String[] words(Path input, Path out, String... more) {
    String[] options = {
      "train",
      "--task",
      "state",
      "--input",
      input.toString(),
      "--test",
      WALKS.resolve("test.jsonl").toString(),
      "--out",
      out.toString(),
      "--master",
      "local[2]",
      "--layers",
      "1",
      "--hidden",
      "16",
      "--batch",
      "8",
      "--epochs",
      "4",
      "--lr",
      "0.02",
      "--shards",
      "2",
      "--json"
    };
    return Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private static Outcome evaluate(Path model, Path input, String... more) {
    String[] options = {
      "evaluate",
      "--model",
      model.toString(),
      "--input",
      input.toString(),
      "--master",
      "local[2]",
      "--json"
    };
    return Shell.run(Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new));
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return JSON.readTree(outcome.lastLine());
  }

  /** The message of a command that refuses its input. */
  private static String refusal(Outcome outcome) {
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).doesNotContain("\tat ");
    return outcome.err().replaceAll("\\s+", " ");
  }

  private static void assertSameFiles(Path one, Path other) throws IOException {
    for (String file : List.of("model.safetensors", "probe.safetensors")) {
      assertThat(Files.readAllBytes(one.resolve(file)))
          .as(file)
          .isEqualTo(Files.readAllBytes(other.resolve(file)));
    }
  }

  private static Path walks(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  @Test
  void a_probe_finds_more_in_the_states_than_in_the_last_observations() throws IOException {
    JsonNode figures = json(trained);
    assertThat(figures.get("test_probe_accuracy").doubleValue())
        .isGreaterThan(1.2 * figures.get("test_probe_baseline_accuracy").doubleValue());
    assertThat(figures.get("test_perplexity").doubleValue())
        .isEqualTo(Math.exp(figures.get("test_loss").doubleValue()));
    assertThat(Files.readString(model.resolve("report.html")))
        .contains("Places told by a linear probe, test data", "probe baseline accuracy, test");
  }

  @Test
  void neither_workers_nor_files_nor_an_interruption_change_a_bit() throws IOException {
    List<String> lines = Files.readAllLines(WALKS.resolve("train.jsonl"));
    Path parts = Files.createDirectories(folder.resolve("parts"));
    for (int part = 0; part < 4; part++) {
      Files.write(
          parts.resolve("part-" + part + ".jsonl"), lines.subList(16 * part, 16 * part + 16));
    }
    String[] options = {"--probe", "positions", "--workers", "1", "--checkpoint-every", "3"};
    Path out = folder.resolve("again");
    Outcome broken = Shell.runUntil("epoch 1/4", words(parts, out, options));
    assertThat(broken.exitCode()).isNotZero();
    Outcome resumed = train(parts, out, options);
    assertThat(resumed.err()).contains("Resuming after");
    json(resumed);
    assertSameFiles(out, model);
  }

  @Test
  void evaluating_gives_the_figures_of_the_training() throws IOException {
    JsonNode expected = json(trained);
    Path test = WALKS.resolve("test.jsonl");
    JsonNode probed = json(evaluate(model, test, "--probe", "positions"));
    for (String figure : List.of("loss", "accuracy", "probe_accuracy", "probe_baseline_accuracy")) {
      assertThat(probed.get(figure)).as(figure).isEqualTo(expected.get("test_" + figure));
    }
    JsonNode plain = json(evaluate(model, test));
    assertThat(plain.get("accuracy")).isEqualTo(probed.get("accuracy"));
    assertThat(plain.has("probe_accuracy")).isFalse();
  }

  /** The lines of the answers, behind each other. */
  private static List<String> predict(Path input, String out) throws IOException {
    Path answers = folder.resolve(out);
    String[] words = {
      "predict",
      "--model",
      model.toString(),
      "--input",
      input.toString(),
      "--out",
      answers.toString(),
      "--master",
      "local[2]",
      "--json"
    };
    json(Shell.run(words));
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(answers)) {
      for (Path part : files.filter(f -> f.toString().contains("/part-")).sorted().toList()) {
        lines.addAll(Files.readAllLines(part));
      }
    }
    return lines;
  }

  @Test
  void predicting_writes_a_state_for_every_step_that_does_not_know_what_comes_next()
      throws IOException {
    Path input =
        walks(
            "predicted.jsonl",
            "{\"id\":\"long\",\"observations\":[\"N\",\"-\",\"E\"],\"actions\":[\"S\",\"E\",\"N\"]}",
            "{\"id\":\"other\",\"observations\":[\"N\",\"-\",\"W\"],\"actions\":[\"S\",\"W\",\"N\"]}",
            "{\"id\":\"short\",\"observations\":[\"lava\"],\"actions\":[\"jump\"]}");
    List<JsonNode> answers = new ArrayList<>();
    for (String line : predict(input, "states.jsonl")) {
      answers.add(JSON.readTree(line));
    }
    assertThat(answers)
        .extracting(a -> a.get("id").textValue())
        .containsExactly("long", "other", "short");
    JsonNode states = answers.get(0).get("state");
    assertThat(states).hasSize(3);
    assertThat(states.get(0)).hasSize(16);
    assertThat(answers.get(0).get("prediction")).hasSize(3);
    assertThat(answers.get(2).get("state")).hasSize(1);
    // The walks differ from the second action on, which its state has not seen yet.
    JsonNode others = answers.get(1).get("state");
    assertThat(others.get(1)).isEqualTo(states.get(1));
    assertThat(others.get(2)).isNotEqualTo(states.get(2));
    List<String> flat = predict(input, "states.csv");
    assertThat(flat.get(0)).isEqualTo("id,state,prediction");
    String vectors = flat.get(1).split(",")[1];
    assertThat(vectors.split("; ")).hasSize(3);
    assertThat(vectors.split("; ")[0].split(" ")).hasSize(16);
  }

  @Test
  void observations_may_be_numbers() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(WALKS.resolve("train.jsonl"))) {
      List<String> felt = new ArrayList<>();
      for (JsonNode observation : JSON.readTree(line).get("observations")) {
        String blocked = observation.textValue();
        felt.add(
            Stream.of("N", "E", "S", "W")
                .map(d -> blocked.contains(d) ? "1" : "0")
                .toList()
                .toString());
      }
      lines.add(line.replaceFirst("\"observations\":\\[[^]]*]", "\"felt\":" + felt));
    }
    Path input = walks("felt.jsonl", lines.toArray(String[]::new));
    Path out = folder.resolve("numbers");
    String[] options = {"--features", "felt", "--probe", "positions", "--epochs", "8"};
    JsonNode figures =
        json(
            train(
                input,
                out,
                Stream.of(options, new String[] {"--test", input.toString()})
                    .flatMap(Stream::of)
                    .toArray(String[]::new)));
    // Of scaled numbers: 1 is what the mean alone would have.
    assertThat(figures.get("test_rmse").doubleValue()).isBetween(0.0, 0.9);
    assertThat(figures.get("test_probe_accuracy").doubleValue())
        .isGreaterThan(figures.get("test_probe_baseline_accuracy").doubleValue());
    assertThat(json(evaluate(out, input, "--probe", "positions")).get("probe_accuracy"))
        .isEqualTo(figures.get("test_probe_accuracy"));
  }

  @Test
  void walks_that_cannot_be_used_are_named_or_left_out() throws IOException {
    String good = "{\"observations\":[\"N\",\"-\"],\"actions\":[\"S\",\"E\"]}";
    Path uneven =
        walks("uneven.jsonl", good, "{\"observations\":[\"N\",\"-\"],\"actions\":[\"S\"]}");
    assertThat(refusal(train(uneven, folder.resolve("none"))))
        .contains("ine 2 of ", "uneven.jsonl", "'actions' has 1 token,", "'observations' has 2");
    Path lacking = walks("lacking.jsonl", good, "{\"observations\":[\"N\",\"-\"]}");
    assertThat(refusal(train(lacking, folder.resolve("none"))))
        .contains("ine 2 of ", "no value in column 'actions'");
    Path single = walks("single.jsonl", good, "{\"observations\":[\"N\"],\"actions\":[\"S\"]}");
    assertThat(refusal(train(single, folder.resolve("none"))))
        .contains("ine 2 of ", "one step", "--on-bad-row skip");
    Path odd =
        walks("odd.jsonl", good, "{\"observations\":[\"N\",\"lava\"],\"actions\":[\"S\",\"E\"]}");
    assertThat(refusal(evaluate(model, odd))).contains("ine 2 of ", "observation 'lava'");
    JsonNode rest = json(evaluate(model, odd, "--on-bad-row", "skip"));
    assertThat(rest.get("rows").intValue()).isEqualTo(1);
    assertThat(rest.get("skipped").intValue()).isEqualTo(1);
    assertThat(refusal(evaluate(model, odd, "--probe", "positions")))
        .contains("has no column 'positions' (--label or --probe)");
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void a_probe_needs_places_and_a_model_that_has_one() throws IOException {
    Path still =
        walks(
            "still.jsonl",
            "{\"observations\":[\"N\",\"N\"],\"actions\":[\"N\",\"N\"],\"positions\":[\"a\",\"a\"]}");
    assertThat(refusal(train(still, folder.resolve("none"), "--probe", "positions")))
        .contains("'positions' of --probe has 1 different value,", "2 to 1000");
    Path blind = folder.resolve("blind");
    json(train(WALKS.resolve("train.jsonl"), blind, "--epochs", "1"));
    assertThat(blind.resolve("probe.safetensors")).doesNotExist();
    assertThat(refusal(evaluate(blind, WALKS.resolve("test.jsonl"), "--probe", "positions")))
        .contains("no probe", "--probe positions");
    assertThat(refusal(evaluate(model, WALKS.resolve("test.jsonl"), "--text", "observations")))
        .contains(
            "reads the tokens of 2 columns (observations, actions), but --text names 1 column");
  }

  @Test
  void a_state_must_not_see_what_comes_next() {
    Path input = WALKS.resolve("train.jsonl");
    assertThat(refusal(train(input, folder.resolve("none"), "--bidirectional")))
        .contains("--bidirectional does not go with --task state");
    assertThat(refusal(train(input, folder.resolve("none"), "--label", "positions")))
        .contains("--label does not go with --task state");
  }
}
