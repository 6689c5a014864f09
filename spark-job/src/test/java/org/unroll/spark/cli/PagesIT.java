// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/**
 * The command lines of the pages, in the order of each page, in a folder that is clean when the
 * page begins. What a reader has to bring (books, reviews, a cluster) is small here, and trainings
 * are cut short; a command that fails fails the page.
 *
 * <p>It is among the tests of whole processes since it wants a JVM that has done little else: where
 * hundreds of small networks have been trained, the compiler is seen to box the vectors of kernels,
 * and the quick start takes minutes.
 */
class PagesIT {
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");

  /** Makes a command of a page short: what is typed behind an option wins. */
  private static final Map<String, List<String>> SHORT =
      Map.of(
          "train",
          List.of("--epochs", "1"),
          "embed",
          List.of("--epochs", "1"),
          "bench",
          List.of("--epochs", "1", "--embedding", "8"),
          "plan",
          List.of(
              ("--master local[2] --rounds 1 --seconds 0.01 --warm-up 0 --hidden 8 --layers 1"
                      + " --window 5")
                  .split(" ")));

  private static final Set<String> OUTPUTS = Set.of("--out", "--picture", "--pictures", "--model");

  private static final String REGISTRY = "registry:";

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> every_command_line_runs() {
    return Stream.of(
            "README.md",
            "spark-job/TASKS.md",
            "spark-job/CORPUS.md",
            "spark-job/EMBED.md",
            "spark-job/INSPECT.md",
            "spark-job/CLUSTER.md",
            "spark-job/PLAN.md",
            "spark-job/RETRAIN.md",
            "spark-job/SPARKML.md",
            "spark-job/EXCHANGE.md")
        .map(page -> dynamicTest(page, () -> run(page)));
  }

  @Test
  void every_test_that_the_page_on_robustness_names_is_there() throws IOException {
    String page = Files.readString(Shell.HOME.resolve("spark-job/ROBUSTNESS.md"));
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.walk(Shell.HOME.resolve("spark-job/src/test/java"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        sources.put(name, Files.readString(file));
      }
    }
    List<MatchResult> tests =
        Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`").matcher(page).results().toList();
    assertThat(tests).hasSizeGreaterThan(20);
    for (MatchResult test : tests) {
      assertThat(sources.get(test.group(1))).as(test.group()).contains(test.group(2) + "(");
    }
  }

  private void run(String page) throws IOException {
    Path clean = Files.createDirectories(folder.resolve(page.replace('/', '-')));
    bring(clean);
    List<String> lines = Files.readAllLines(Shell.HOME.resolve(page));
    for (String line : commands(lines)) {
      List<String> words = words(line);
      assertThat(Shell.HOME.resolve(words.get(0))).as(line).exists();
      if (words.get(0).equals("scripts/unroll")) {
        Outcome outcome = run(line, words.subList(1, words.size()), clean);
        if (words.contains("quickstart") && lines.stream().anyMatch(PagesIT::isOutput)) {
          requireShown(lines, outcome);
        }
      }
    }
  }

  private static Outcome run(String line, List<String> typed, Path clean) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < typed.size(); i++) {
      String word = typed.get(i);
      boolean output = i > 0 && OUTPUTS.contains(typed.get(i - 1));
      boolean sample = word.startsWith("data-samples/");
      words.add(
          sample
              ? Shell.HOME.resolve(word).toString()
              : output || isHere(word, clean) ? here(word, clean) : word);
    }
    words.addAll(SHORT.getOrDefault(typed.get(0), List.of()));
    if (typed.contains("quickstart") && !typed.contains("--out")) {
      words.addAll(List.of("--out", here("work/quickstart", clean)));
    }
    Outcome outcome = Shell.runIn(Shell.HOME, words.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(line + "\n" + outcome.err()).isZero();
    return outcome;
  }

  /** Checks what the page shows of the first command: every run prints the same. */
  private static void requireShown(List<String> page, Outcome outcome) {
    int first =
        IntStream.range(0, page.size())
            .filter(i -> isOutput(page.get(i)))
            .findFirst()
            .orElseThrow();
    page.stream()
        .skip(first)
        .takeWhile(line -> !line.equals("```"))
        .flatMap(line -> Stream.of(line.split("\\.\\.\\.")))
        .map(String::strip)
        .forEach(shown -> assertThat(outcome.err() + outcome.out()).contains(shown));
  }

  private static boolean isOutput(String line) {
    return line.startsWith("epoch 1/");
  }

  /** Returns whether a word is a path into the reader's folder. */
  private static boolean isHere(String word, Path clean) {
    String first = word.replaceFirst("^hdfs:///", "").split("[/*]", 2)[0];
    return !first.isEmpty()
        && !first.startsWith("-")
        && !first.startsWith("@")
        && (word.startsWith("hdfs:")
            || word.matches(".*[./].*") && Files.exists(clean.resolve(first)));
  }

  private static String here(String word, Path clean) {
    String scheme = word.startsWith(REGISTRY) ? REGISTRY : "";
    String path = word.substring(scheme.length()).replaceFirst("^hdfs:///", "");
    return scheme + clean.resolve(path);
  }

  /**
   * Returns the command lines between the fences of a page, each whole; of {@code spark-submit}
   * what it submits. Those that end with an ellipsis are not.
   */
  private static List<String> commands(List<String> page) {
    List<String> commands = new ArrayList<>();
    boolean fenced = false;
    StringBuilder line = new StringBuilder();
    for (String next : page) {
      if (next.startsWith("```")) {
        fenced = !fenced;
      } else if (fenced) {
        line.append(next.strip());
        if (next.endsWith("\\")) {
          line.setCharAt(line.length() - 1, ' ');
          continue;
        }
        String whole = line.toString();
        Matcher submitted = Pattern.compile("spark-submit .*unroll\\.jar +(.*)").matcher(whole);
        if (submitted.matches() && !whole.endsWith(" ...")) {
          commands.add("scripts/unroll " + submitted.group(1));
        } else if (whole.startsWith("scripts/")) {
          commands.add(whole.replaceFirst("--master \"[^\"]*\"", "--master local[2]"));
        }
        line.setLength(0);
      }
    }
    assertThat(commands).isNotEmpty();
    return commands;
  }

  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(line);
    while (word.find()) {
      words.add(
          Stream.of(word.group(1), word.group(2), word.group(3))
              .filter(group -> group != null)
              .findFirst()
              .orElseThrow());
    }
    return words;
  }

  /** Puts into a folder what the pages name and their readers bring. */
  private static void bring(Path clean) throws IOException {
    Path sample = Shell.HOME.resolve("data-samples/harbour/harbour.txt");
    String text = Files.readString(sample).substring(0, 9_000);
    for (String name :
        List.of("book.txt", "input.txt", "ptb.train.txt", "ptb.valid.txt", "ptb.test.txt")) {
      write(clean.resolve(name), text);
    }
    write(clean.resolve("sentences.txt"), text.lines().limit(20).toList());
    List<String> sentences = new ArrayList<>();
    List<String> reviews = new ArrayList<>(List.of("review\tverdict"));
    for (int i = 0; i < 300; i++) {
      sentences.add("paris is to france as rome is to italy , said number " + i % 7);
      reviews.add(i % 2 == 0 ? "a good and fine film " + i + "\tpos" : "a bad film " + i + "\tneg");
    }
    write(clean.resolve("corpus.txt"), sentences);
    write(
        clean.resolve("questions-words.txt"),
        List.of(": capital-common-countries", "paris france rome italy"));
    write(clean.resolve("reviews.tsv"), reviews);
    List<String> others = new ArrayList<>(List.of("review\tverdict\tcountry"));
    reviews.subList(1, 41).forEach(review -> others.add(review + "\t" + review.length() % 3));
    write(clean.resolve("others.tsv"), others);
    bringPairs(clean);
    bringPictures(clean);
    bringWeights(clean);
    List<String> rows =
        text.lines().filter(l -> !l.isBlank()).limit(99).map(l -> l.replace('"', '\'')).toList();
    writePacked(clean.resolve("new.jsonl.gz"), json("review", rows));
    writePacked(clean.resolve("raw/one.jsonl.gz"), json("body", rows));
    writePacked(clean.resolve("raw/books/one.txt.gz"), rows);
    write(clean.resolve("raw/heldout.txt"), rows.subList(0, 30));
    write(clean.resolve("text/books/one.txt"), text);
    Files.createDirectories(clean.resolve("work"));
  }

  /** Pairs of lines in two languages, and the same as columns. */
  private static void bringPairs(Path clean) throws IOException {
    List<String> from = new ArrayList<>();
    List<String> to = new ArrayList<>();
    List<String> rows = new ArrayList<>(List.of("de\ten"));
    for (int i = 0; i < 60; i++) {
      from.add("Ein Hund läuft zu Haus " + i + ".");
      to.add("A dog runs to house " + i + ".");
      rows.add(from.get(i) + "\t" + to.get(i));
    }
    for (String name : List.of("train", "valid", "test")) {
      write(clean.resolve(name + ".de"), from);
      write(clean.resolve(name + ".en"), to);
    }
    write(clean.resolve("pairs.tsv"), rows);
  }

  /** Pictures of one to three regions in arrays of NumPy, with a caption or two. */
  private static void bringPictures(Path clean) throws IOException {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int regions = 1 + i % 3;
      String header =
          "{'descr': '|u1', 'fortran_order': False, 'shape': (%s, 2), }".formatted(regions);
      String array =
          "\u0093NUMPY\1\0v\0%-117s\n%s"
              .formatted(header, ((char) ('A' + i) + (i % 2 == 0 ? "b" : "z")).repeat(regions));
      Path file = clean.resolve("arrays/" + i + ".npy");
      Files.createDirectories(file.getParent());
      Files.write(file, array.getBytes(StandardCharsets.ISO_8859_1));
      String captions = i % 2 == 0 ? "\"two dogs\", \"dogs run\"" : "\"a red car\"";
      rows.add("{\"features\": \"arrays/%s.npy\", \"captions\": [%s]}".formatted(i, captions));
    }
    write(clean.resolve("pictures.jsonl"), rows);
    write(clean.resolve("others.jsonl"), rows.subList(0, 5));
  }

  /** A network of PyTorch with its description, its vocabulary and rows. */
  private static void bringWeights(Path clean) throws IOException {
    Path steps = Shell.HOME.resolve("spark-job/src/test/resources/org/unroll/spark/cli/steps");
    Files.copy(steps.resolve("classify.drawn.safetensors"), clean.resolve("weather.safetensors"));
    for (String name : List.of("tokens.txt", "rows.tsv")) {
      Files.copy(steps.resolve(name), clean.resolve(name));
    }
    List<String> page = Files.readAllLines(Shell.HOME.resolve("spark-job/EXCHANGE.md"));
    int from = page.indexOf("```json") + 1;
    write(clean.resolve("weather.json"), page.subList(from, from + 2));
  }

  private static List<String> json(String field, List<String> texts) {
    return texts.stream().map(text -> "{\"" + field + "\": \"" + text + "\"}").toList();
  }

  private static void write(Path file, List<String> lines) throws IOException {
    write(file, String.join("\n", lines) + "\n");
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void writePacked(Path file, List<String> lines) throws IOException {
    Files.createDirectories(file.getParent());
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }
}
