// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.DocumentReader;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputListing;
import org.unroll.spark.rows.RowFormat;
import org.unroll.spark.rows.RowsInput;

/** Chunks of every size give the tokens of the whole, whatever their boundaries cut. */
class TextPlanTest {
  private static final Configuration CONF = new Configuration();

  @TempDir Path folder;

  private static TextPlan plan(Path file, String unit, long chunkBytes) {
    List<InputFile> files = InputListing.list(List.of(file.toString()), CONF);
    DocumentReader lines =
        DocumentReader.of(
            RowsInput.of(List.of(file.toString())),
            RowFormat.TEXT,
            files,
            ColumnChoice.USUAL_TEXT,
            chunkBytes,
            CONF);
    return new TextPlan(lines, Tokenizer.of(unit), false);
  }

  /** Takes the tokens that a visitor sees, and counts them. */
  private static final class Collector extends ChunkCounts.Counter {
    private final Tokenizer tokenizer;
    private final Consumer<String> out;

    Collector(Tokenizer tokenizer, Consumer<String> out) {
      this.tokenizer = tokenizer;
      this.out = out;
    }

    @Override
    public void slice(byte[] text, int from, int to) {
      super.slice(text, from, to);
      out.accept(tokenizer.token(text, from, to));
    }

    @Override
    void lineEnd() {
      super.lineEnd();
      out.accept(Vocabulary.EOS);
    }
  }

  private static List<ChunkCounts> read(TextPlan plan, Consumer<String> out) throws IOException {
    List<ChunkCounts> counts = new ArrayList<>();
    for (int c = 0; c < plan.table().chunks(); c++) {
      Collector collector = new Collector(plan.tokenizer(), out);
      try (TextPlan.Cursor cursor = new TextPlan.Cursor(plan, c, collector)) {
        boolean more = true;
        while (more) {
          more = cursor.advance();
        }
        counts.add(collector.counts(c, cursor));
      }
    }
    return counts;
  }

  private static List<String> tokens(TextPlan plan) throws IOException {
    List<String> tokens = new ArrayList<>();
    read(plan, tokens::add);
    return tokens;
  }

  private static long count(TextPlan plan) throws IOException {
    return ChunkCounts.sum(read(plan, token -> {})).tokens();
  }

  private void requireTwinForAllSizes(Path file, String unit) throws IOException {
    List<String> expected = Twin.tokens(List.of(file), Tokenizer.of(unit));
    for (long size = 1; size <= Files.size(file) + 1; size++) {
      assertThat(tokens(plan(file, unit, size))).as("chunks of %d bytes", size).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"char", "word"})
  void chunks_of_any_size_give_the_same_tokens(String unit) throws IOException {
    Path file = folder.resolve("text");
    for (String end : List.of("", "\n", "\r\n", "\n\n", " ", "\r")) {
      requireTwinForAllSizes(Files.writeString(file, Twin.TEXT + end), unit);
      requireTwinForAllSizes(Files.writeString(file, "\uFEFF" + Twin.TEXT + end), unit);
    }
    requireTwinForAllSizes(Files.writeString(file, "no newline at all"), unit);
    requireTwinForAllSizes(Files.writeString(file, "\n"), unit);
    requireTwinForAllSizes(Files.writeString(file, "\n\n\n"), unit);
    requireTwinForAllSizes(Files.writeString(file, "a"), unit);
  }

  @Test
  void a_byte_order_mark_is_only_one_at_the_start_of_a_file() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "\uFEFF\uFEFFa\n\uFEFFb");
    assertThat(tokens(plan(file, "char", 2))).containsExactly("\uFEFF", "a", "\n", "\uFEFF", "b");
  }

  @Test
  void every_byte_is_in_one_chunk() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), Twin.TEXT);
    for (long size = 1; size < 40; size++) {
      List<ChunkCounts> counts = read(plan(file, "word", size), token -> {});
      assertThat(ChunkCounts.sum(counts).bytes()).isEqualTo(Files.size(file));
    }
  }

  @Test
  void a_very_long_line_is_cut_at_blanks_without_ending_it() throws IOException {
    String line = "some words é of 😀 a line ".repeat(20_000);
    Path file = Files.writeString(folder.resolve("text"), line + "\nnext\n" + line);
    for (String unit : List.of("char", "word")) {
      List<String> expected = Twin.tokens(List.of(file), Tokenizer.of(unit));
      assertThat(tokens(plan(file, unit, 100_000))).isEqualTo(expected);
    }
  }

  @Test
  void a_word_of_ten_million_letters_is_read_and_one_of_twenty_refused() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "a\n" + "b".repeat(10_000_000) + " c\n");
    assertThat(tokens(plan(file, "word", 1 << 20))).hasSize(5).last().isEqualTo("<eos>");
    assertThat(count(plan(file, "char", 1 << 20))).isEqualTo(10_000_005);
    Files.writeString(file, "a\n" + "b".repeat(20_000_000));
    assertThatThrownBy(() -> tokens(plan(file, "word", 1 << 20)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("line 2")
        .hasMessageContaining("--unit char");
    assertThat(count(plan(file, "char", 1 << 20))).isEqualTo(20_000_002);
  }

  @Test
  void invalid_bytes_are_named_with_line_and_place_in_the_file() throws IOException {
    byte[] good = "ab\ncd\né ok\n".getBytes(StandardCharsets.UTF_8);
    List<byte[]> bad =
        List.of(
            new byte[] {(byte) 0xE9, ' '},
            new byte[] {(byte) 0xC0, (byte) 0x80},
            new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            new byte[] {(byte) 0xF5},
            new byte[] {(byte) 0x80},
            new byte[] {(byte) 0xE4, (byte) 0xB8});
    for (byte[] bytes : bad) {
      byte[] content = java.util.Arrays.copyOf(good, good.length + bytes.length);
      System.arraycopy(bytes, 0, content, good.length, bytes.length);
      Path file = Files.write(folder.resolve("text"), content);
      for (long size : new long[] {1, 2, 5, 7, good.length, 1000}) {
        assertThatThrownBy(() -> tokens(plan(file, "char", size)))
            .isInstanceOf(InputException.class)
            .hasMessageContaining(file + " is not valid UTF-8 in line 4, at byte " + good.length);
      }
    }
  }

  @Test
  void a_file_that_grew_is_refused() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "abc");
    TextPlan plan = plan(file, "char", 10);
    Files.writeString(file, "abcd");
    assertThatThrownBy(() -> tokens(plan))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("it had 3 bytes when the run began and has 4 now");
  }

  @Test
  void a_file_that_vanished_is_a_problem_of_the_input() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "abc");
    TextPlan plan = plan(file, "char", 10);
    Files.delete(file);
    assertThatThrownBy(() -> tokens(plan))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file + " cannot be read");
  }
}
