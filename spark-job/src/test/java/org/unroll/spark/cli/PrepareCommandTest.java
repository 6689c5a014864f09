// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.OutputClaim;

/** {@code prepare} as people type it. */
class PrepareCommandTest {
  private static final String TEXT = "the cat sat\non the mat\n";

  @TempDir Path folder;

  private Outcome prepare(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "prepare",
                "--master",
                "local[2]",
                "--json",
                "--out",
                folder.resolve("out").toString()));
    words.addAll(Arrays.asList(more));
    return Shell.run(words.toArray(String[]::new));
  }

  private JsonNode figures(String... more) throws IOException {
    Outcome outcome = prepare(more);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  /** What is said to input or options that cannot be used; nothing may be left. */
  private String refusal(String... more) throws IOException {
    Outcome outcome = prepare(more);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).doesNotContain("\tat ", "Exception");
    assertThat(folder.resolve("out")).doesNotExist();
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("."));
    }
    return outcome.err().strip().lines().reduce((a, b) -> b).orElseThrow();
  }

  private String write(String name, String text) throws IOException {
    Path file = folder.resolve("in").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text).toString();
  }

  private String write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve("in").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes).toString();
  }

  /** All files of the corpus but its description, which has times of files. */
  private Map<String, byte[]> content() throws IOException {
    Map<String, byte[]> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder.resolve("out"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.endsWith("corpus.json")) {
          content.put(folder.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return content;
  }

  @Test
  void it_prints_the_statistics_and_does_the_same_again() throws IOException {
    String input = write("a.txt", TEXT);
    JsonNode figures = figures("--input", input, "--unit", "word");
    assertThat(figures.get("documents").asLong()).isEqualTo(2);
    assertThat(figures.get("tokens").asLong()).isEqualTo(8);
    assertThat(figures.get("types").asLong()).isEqualTo(6);
    assertThat(figures.get("oov_rate").asDouble()).isZero();
    assertThat(figures.get("vocabulary").asLong()).isEqualTo(7);
    Map<String, byte[]> first = content();
    assertThat(first)
        .containsOnlyKeys("out/shards/part-00000000.zstd.parquet", "out/vocabulary.tsv");
    figures("--input", input, "--unit", "word", "--overwrite");
    Map<String, byte[]> second = content();
    first.forEach((name, bytes) -> assertThat(second.get(name)).as(name).isEqualTo(bytes));
  }

  @Test
  void a_second_run_adds_the_new_files_only() throws IOException {
    String in = folder.resolve("in").toString();
    write("b.txt", TEXT);
    figures("--input", in, "--unit", "word");
    assertThat(figures("--input", in, "--unit", "word").get("added_files").asLong()).isZero();
    Path first = folder.resolve("out/shards/part-00000000.zstd.parquet");
    byte[] before = Files.readAllBytes(first);

    write("a.txt", "the dog sat\n");
    JsonNode figures = figures("--input", in, "--unit", "word");
    assertThat(figures.get("added_files").asLong()).isEqualTo(1);
    assertThat(figures.get("tokens").asLong()).isEqualTo(12);
    assertThat(figures.get("unknown").asLong()).isEqualTo(1);
    assertThat(figures.get("shards").asLong()).isEqualTo(2);
    assertThat(Files.readAllBytes(first)).isEqualTo(before);

    Outcome other = prepare("--input", in, "--unit", "word", "--min-count", "2");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("was prepared with min-count 1, but 2 is asked for");
    write("b.txt", "changed text\n");
    Outcome changed = prepare("--input", in, "--unit", "word");
    assertThat(changed.exitCode()).isEqualTo(2);
    assertThat(changed.err()).contains("b.txt was changed since it was prepared");
    assertThat(figures("--input", in, "--unit", "word", "--overwrite").get("shards").asLong())
        .isEqualTo(1);
  }

  @Test
  void validation_text_takes_the_vocabulary_of_another_corpus() throws IOException {
    String corpus = folder.resolve("corpus").toString();
    figures("--input", write("a.txt", TEXT), "--unit", "wordpunct", "--out", corpus);
    JsonNode figures =
        figures(
            "--input", write("v.txt", "the dog\n"), "--unit", "wordpunct", "--vocabulary", corpus);
    assertThat(figures.get("vocabulary").asLong()).isEqualTo(7);
    assertThat(figures.get("oov_rate").asDouble()).isEqualTo(1 / 3.0);
    assertThat(folder.resolve("out/vocabulary.tsv"))
        .hasSameBinaryContentAs(folder.resolve("corpus/vocabulary.tsv"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--unit regex|--unit regex needs --pattern",
        "--pattern x|--pattern x is for --unit regex, but --unit is not given",
        "--unit regex --pattern (|'(' is no regular expression",
        "--lowercase|--lowercase is not for --unit char",
        "--unit bpe --vocab-size 100|--vocab-size 100 is too small for --unit bpe",
        "--unit word --vocab-size 2|give at least 3, or 0 for all",
        "--label x|The input has no column 'x' (--label). It has text.",
        "--text x|The input has no column 'x' (--text). It has text.",
        "--text a,b|A stream has one column of text",
        "--features x|A stream has one column of text and no features",
        "--format csv|the first line of the input file",
        "--format jsonl --columns x,y|--columns names the columns of csv, tsv and conll files",
        "--format parquet --header|--header is for csv and tsv",
        "--format tsv --columns text --whole-files|--whole-files is for text",
      })
  void options_that_do_not_go_together_are_refused(String options, String message)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("--input", write("a.txt", TEXT)));
    words.addAll(Arrays.asList(options.split(" ")));
    assertThat(refusal(words.toArray(String[]::new))).contains(message);
  }

  @Test
  void input_that_cannot_be_used_is_told() throws IOException {
    assertThat(refusal()).contains("--input is missing");
    assertThat(refusal("--input", folder.resolve("no").toString())).contains("There is no input");
    Files.createDirectory(folder.resolve("empty"));
    assertThat(refusal("--input", folder.resolve("empty").toString())).contains("has no files");
    byte[] mixed = "good\nbad \u0000 \n".repeat(50).getBytes(StandardCharsets.UTF_8);
    mixed[17] = (byte) 0xE9;
    assertThat(refusal("--input", write("mixed.txt", mixed)))
        .contains("mixed.txt is not valid UTF-8 in line 4, at byte 17");
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(TEXT.repeat(1000).getBytes(StandardCharsets.UTF_8));
    }
    byte[] whole = packed.toByteArray();
    assertThat(refusal("--input", write("cut.txt.gz", Arrays.copyOf(whole, whole.length / 2))))
        .contains("cut.txt.gz cannot be unpacked");
    String table = write("t.csv", "id,text\n1,a\n");
    assertThat(refusal("--input", table, "--text", "review"))
        .contains("t.csv has no column 'review'; it has id, text.", "--header");
    assertThat(refusal("--input", write("n.jsonl", "{\"text\":null}\n"), "--text", "text"))
        .contains("line 1 of", "n.jsonl cannot be used: it has no value in column 'text'");
    assertThat(refusal("--input", write("few.txt", TEXT), "--unit", "word", "--min-count", "9"))
        .contains("The vocabulary would be empty");
  }

  @Test
  void invalid_bytes_are_replaced_and_counted_where_asked_for() throws IOException {
    byte[] mixed = "good\nbad x and\u0000 y\n".getBytes(StandardCharsets.UTF_8);
    mixed[9] = (byte) 0xE9;
    JsonNode figures = figures("--input", write("mixed.txt", mixed), "--on-invalid", "replace");
    assertThat(figures.get("invalid_bytes").asLong()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("out/vocabulary.tsv"))).contains("\uFFFD\t1\n");
    assertThat(figures.get("tokens").asLong()).isEqualTo(mixed.length);
  }

  @Test
  void the_sample_becomes_byte_pairs() throws IOException {
    String sample = Shell.HOME.resolve("data-samples/harbour").toString();
    JsonNode figures = figures("--input", sample, "--unit", "bpe", "--vocab-size", "512");
    assertThat(figures.get("vocabulary").asLong()).isEqualTo(512);
    assertThat(figures.get("tokens").asLong()).isLessThan(figures.get("bytes").asLong() / 2);
    assertThat(figures.get("oov_rate").asDouble()).isZero();
  }

  @Test
  void a_line_of_50_megabytes_is_a_document_like_any_other() throws IOException {
    String line = "word ".repeat(10_000_000);
    JsonNode figures = figures("--input", write("long.txt", line), "--unit", "word");
    assertThat(figures.get("tokens").asLong()).isEqualTo(10_000_001);
    assertThat(figures.get("documents").asLong()).isEqualTo(1);
  }

  @Test
  void text_without_blanks_has_no_words_but_byte_pairs() throws IOException {
    String input = write("dna.txt", "x y\n" + "acgt".repeat(4_500_000));
    assertThat(refusal("--input", input, "--unit", "word"))
        .contains("dna.txt has in line 2 more than 16777216 bytes that cannot be divided");
    JsonNode figures = figures("--input", input, "--unit", "bpe", "--vocab-size", "300");
    assertThat(figures.get("documents").asLong()).isEqualTo(2);
    assertThat(figures.get("tokens").asLong()).isLessThan(18_000_000 / 16);
  }

  @Test
  void another_run_s_folder_and_another_s_files_are_left_alone() throws IOException {
    String input = write("a.txt", TEXT);
    Configuration conf = new Configuration();
    org.apache.hadoop.fs.Path out = HadoopFiles.resolve(folder.resolve("out").toString(), conf);
    try (OutputClaim claim = OutputClaim.take(HadoopFiles.fileSystem(out, conf), out)) {
      Outcome second = prepare("--input", input);
      assertThat(second.exitCode()).isEqualTo(2);
      assertThat(second.err()).contains("Another run is writing to");
      claim.requireMine();
    }
    Files.createDirectory(folder.resolve("out"));
    Path mine = Files.writeString(folder.resolve("out/notes.txt"), "mine");
    Outcome outcome = prepare("--input", input, "--overwrite");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("belong to no prepared corpus (notes.txt)");
    assertThat(mine).hasContent("mine");
  }
}
