// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.unroll.spark.cli.Shell;
import org.unroll.spark.cli.Shell.Outcome;

/**
 * Whole commands, as a person runs them, of which something that they read is damaged. They end
 * with an answer in numbers or with exit code 2; they say what is wrong in words that name it; and
 * they touch nothing but what they were asked to write.
 */
final class Commands {
  private static final JsonMapper JSON = new JsonMapper();

  /** Stands for the folder of all files in the words of a command. */
  private static final String FOLDER = "DIR";

  private static final String LOCAL = " --master local[1]";

  private final Path folder;

  /** The only place where a command may write. */
  private final Path out;

  private Commands(Path folder) {
    this.folder = folder;
    this.out = folder.resolve("out");
  }

  /** A command, and a file that it reads, which is damaged. */
  private record Run(String words, Path damaged) {}

  static List<Target> all(Path folder) throws IOException {
    Commands commands = new Commands(folder);
    commands.prepare();
    return List.of(
        commands.target("options", commands.options()),
        commands.target("vectors", commands.vectors()),
        commands.target("generate", commands.models("generate --json --length 20", false, "lm.*")),
        commands.target("evaluate-pairs", commands.pairs("evaluate --json", true)),
        commands.target(
            "predict-pairs",
            commands.pairs("predict --json --n-best 2 --out DIR/out/answers.jsonl", false)),
        commands.target("describe", commands.descriptions()),
        commands.target("prepare", commands.preparations()),
        commands.target("evaluate", commands.models("evaluate --json" + LOCAL, true, ".*")),
        commands.target(
            "predict",
            commands.models("predict --json --out DIR/out/answers.jsonl" + LOCAL, true, "[^l].*")));
  }

  /** Puts in place what commands read. */
  private void prepare() throws IOException {
    FileUtils.copyDirectory(Models.FOLDERS.toFile(), folder.toFile());
    FileUtils.copyDirectory(Shell.HOME.resolve("conf").toFile(), folder.resolve("conf").toFile());
    for (Map.Entry<String, byte[]> text : Inputs.texts().entrySet()) {
      Files.write(folder.resolve(text.getKey()), text.getValue());
    }
    Files.writeString(folder.resolve("v.txt"), "paris 1 2\nrome 1 3\noslo 2 2\nbern 2 3\n");
    Files.writeString(folder.resolve("q.txt"), ": capital\nparis rome oslo bern\n");
    Models.translator(folder);
    Outcome prepared =
        run("prepare --kind documents --input DIR/letters-test.jsonl --out DIR/corpus" + LOCAL);
    assertThat(prepared.exitCode()).as(prepared.err()).isZero();
  }

  private Run run(String words, String damaged) {
    return new Run(words, folder.resolve(damaged));
  }

  /** Preset files, with a master that is none, so that no training begins. */
  private List<Run> options() throws IOException {
    return Models.files(folder.resolve("conf")).stream()
        .filter(file -> file.toString().endsWith(".args"))
        .map(
            file ->
                new Run("train @" + file + " --input DIR/a.txt --out DIR/out/m --master no", file))
        .toList();
  }

  private List<Run> vectors() {
    return List.of(
        run("neighbours --json paris --model DIR/v.txt", "v.txt"),
        run("analogies --json --model DIR/v.txt --input DIR/q.txt", "v.txt"),
        run("analogies --json --model DIR/v.txt --input DIR/q.txt", "q.txt"),
        run("export --json --model DIR/v.txt --format glove --out DIR/out/v.txt", "v.txt"));
  }

  private List<Run> descriptions() throws IOException {
    String describe = "describe --json --labels none --input ";
    List<Run> runs = new ArrayList<>();
    for (String name : Inputs.texts().keySet()) {
      runs.add(run(describe + "DIR/" + name + LOCAL, name));
    }
    try (Stream<Path> files = Files.walk(folder.resolve("corpus"))) {
      files
          .filter(Files::isRegularFile)
          .sorted()
          .forEach(file -> runs.add(new Run(describe + "DIR/corpus" + LOCAL, file)));
    }
    return runs;
  }

  private List<Run> preparations() {
    String to = " --json --out DIR/out/c" + LOCAL;
    return List.of(
        run("prepare --kind stream --input DIR/a.txt" + to, "a.txt"),
        run("prepare --kind documents --input DIR/a.jsonl" + to, "a.jsonl"),
        run("prepare --kind documents --input DIR/a.csv" + to, "a.csv"));
  }

  /**
   * Runs with one file of a model damaged, or with the data of a test.
   *
   * @param named the names of the models
   */
  private List<Run> models(String command, boolean data, String named) throws IOException {
    List<Run> runs = new ArrayList<>();
    JsonNode expected = JSON.readTree(folder.resolve("expected.json").toFile());
    for (Map.Entry<String, JsonNode> one : expected.properties()) {
      String model = one.getKey();
      if (model.matches(named)) {
        String input = one.getValue().get("options").asText().split(" ")[1];
        String words = command + " --model DIR/" + model + (data ? " --input DIR/" + input : "");
        for (Path file : Models.files(folder.resolve(model))) {
          if (!file.endsWith("answers.jsonl")) {
            runs.add(new Run(words, file));
          }
        }
        if (data) {
          runs.add(run(words, input));
        }
      }
    }
    return runs;
  }

  /** Runs of a model that writes, with one of its files damaged, or one of two files of lines. */
  private List<Run> pairs(String command, boolean targets) throws IOException {
    String words =
        command + " --beam 2 --max-answer 9 --model DIR/translate --input DIR/a.de" + LOCAL;
    String whole = targets ? words + " --target DIR/a.en" : words;
    List<Run> runs = new ArrayList<>(List.of(run(whole, "a.de")));
    for (String file : List.of("config.json", "vocabulary_target.tsv", "model.safetensors")) {
      runs.add(run(whole, "translate/" + file));
    }
    if (targets) {
      runs.add(run(whole, "a.en"));
    }
    return runs;
  }

  private Target target(String name, List<Run> runs) {
    return new Target(name, Target.COMMAND, mutations -> check(mutations.one(runs), mutations));
  }

  private void check(Run run, Mutations mutations) throws IOException {
    byte[] whole = Files.readAllBytes(run.damaged());
    Files.write(run.damaged(), mutations.damage(whole));
    try {
      FileUtils.deleteDirectory(out.toFile());
      Map<String, String> before = listing();
      Outcome outcome = run(run.words());
      String all =
          "%s, with %s damaged:\n%s\n%s"
              .formatted(run.words(), run.damaged(), outcome.out(), outcome.err());
      assertThat(outcome.exitCode()).as(all).isIn(0, 2);
      assertThat(outcome.err()).as(all).doesNotContain("\tat ", "fault of Unroll");
      assertThat(listing()).as(all).isEqualTo(before);
      if (outcome.exitCode() == 0) {
        requireNumbers(outcome.out().lines(), all);
        requireAnswers(all);
      } else {
        assertThat(outcome.err()).as(all).containsAnyOf(names(run));
      }
    } finally {
      Files.write(run.damaged(), whole);
    }
  }

  private Outcome run(String words) {
    return Shell.run(words.replace(FOLDER, folder.toString()).split(" +"));
  }

  /** Returns what a refusal may name: the file, its folder, an option, or all of the input. */
  private static String[] names(Run run) {
    Path file = run.damaged();
    return new String[] {file.getFileName().toString(), file.getParent().toString(), "--", "input"};
  }

  /** Returns the lengths and times of all files but those that may be written. */
  private Map<String, String> listing() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(file -> !file.startsWith(out)).toList()) {
        if (Files.isRegularFile(file)) {
          files.put(file.toString(), Files.size(file) + " " + Files.getLastModifiedTime(file));
        }
      }
    }
    return files;
  }

  private void requireAnswers(String all) throws IOException {
    Path answers = out.resolve("answers.jsonl");
    if (Files.exists(answers)) {
      for (Path part : Models.files(answers)) {
        requireNumbers(Files.readAllLines(part).stream(), all);
      }
    }
  }

  /** Fails if there is a line of JSON with numbers that are none. */
  private static void requireNumbers(Stream<String> lines, String all) throws IOException {
    for (String line : lines.filter(line -> line.startsWith("{")).toList()) {
      requireNumbers(JSON.readTree(line), all);
    }
  }

  private static void requireNumbers(JsonNode node, String all) {
    if (node.isNumber()) {
      assertThat(node.doubleValue()).as(all).isFinite();
    }
    // Spark writes what is no number as a text.
    assertThat(node.asText()).as(all).isNotIn("Infinity", "-Infinity");
    node.forEach(below -> requireNumbers(below, all));
  }
}
