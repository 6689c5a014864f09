// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/** Rows and files that cannot be used are told by file and line, or left out and counted. */
class BadRowsTest extends DataSpark {
  private static final String TS = "@dimensions 2\n@classLabel true a\n@data\n";
  private static final ColumnChoice LABELLED = DataSpark.choice(LabelKind.CLASS);
  private static final ColumnChoice TAGGED = DataSpark.choice(LabelKind.STEPS);

  private static String problem(RowsInput spec, ColumnChoice choice) {
    return catchThrowableOfType(InputException.class, () -> open(spec, choice, 16)).getMessage();
  }

  /** Name, text, columns, line of the bad row, what is said, rows that are left. */
  static List<Arguments> rows() {
    List<String> names = List.of("label", "text");
    List<String> none = List.of();
    return List.of(
        Arguments.of(
            "a.tsv",
            "1\ta\n\tb\n0\tc\n",
            names,
            LABELLED,
            2,
            "it has no label (column 'label')",
            2),
        Arguments.of(
            "a.tsv",
            "1\ta\n1\n0\tc\n",
            names,
            LABELLED,
            2,
            "it has 1 column, but there must be 2",
            2),
        Arguments.of("a.tsv", "1\ta\n1\tb\n0\t \n", names, LABELLED, 3, "its sequence is empty", 2),
        Arguments.of(
            "a.tsv",
            "1\ta\n1\t\uDCFF\n0\tb\n",
            names,
            LABELLED,
            2,
            "it is not valid UTF-8 at byte 6",
            2),
        Arguments.of(
            "a.csv",
            "1,a\n1,\"b\nc\",d\n0,c\n",
            names,
            LABELLED,
            2,
            "it has 3 columns, but there must be 2",
            2),
        Arguments.of(
            "a.csv",
            "1,a\n0,b\n1,\"c\n1,d",
            names,
            LABELLED,
            3,
            "a quote that begins in it is never closed",
            3),
        Arguments.of(
            "a.jsonl",
            "{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\"}\n",
            none,
            LABELLED,
            2,
            "it has no label",
            1),
        Arguments.of(
            "a.jsonl",
            "{\"text\":\"a\",\"label\":1}\n{\"text\":\n",
            none,
            LABELLED,
            2,
            "it is no JSON object",
            1),
        Arguments.of(
            "a.jsonl",
            "{\"text\":\"a\",\"label\":1}\n{\"label\":1}\n",
            none,
            LABELLED,
            2,
            "it has no value in column 'text'",
            1),
        Arguments.of(
            "a.jsonl",
            "{\"text\":[\"a\"],\"label\":[1]}\n{\"text\":[\"a\",\"b\"],\"label\":[1]}\n",
            none,
            TAGGED,
            2,
            "it has 1 label (column 'label') for 2 steps",
            1),
        Arguments.of(
            "a.jsonl",
            "{\"features\":[1,2],\"label\":1}\n{\"features\":[],\"label\":1}\n",
            none,
            LABELLED,
            2,
            "its sequence is empty",
            1),
        Arguments.of(
            "a.jsonl",
            "{\"features\":[[1,2]],\"label\":1}\n{\"features\":[[1,2],[3]],\"label\":1}\n",
            none,
            LABELLED,
            2,
            "step 2 of column 'features' has 1 number, but step 1 has 2",
            1),
        Arguments.of(
            "a.jsonl",
            "{\"features\":[1],\"label\":1}\n{\"features\":[1,\"x\"],\"label\":1}\n",
            none,
            LABELLED,
            2,
            "'x' is no number, at step 2 of channel 1",
            1),
        Arguments.of(
            "a.jsonl",
            "{\"features\":[1],\"label\":1}\n{\"features\":[1,1e99],\"label\":1}\n",
            none,
            LABELLED,
            2,
            "infinite or beyond the range of floats, at step 2",
            1),
        Arguments.of(
            "a.ts",
            TS + "1,2:3,4:a\n1,2:3:a\n",
            none,
            LABELLED,
            5,
            "channel 2 has 1 values, but channel 1 has 2",
            1),
        Arguments.of(
            "a.ts",
            TS + "1,2:3,4:a\n1,2:a\n",
            none,
            LABELLED,
            5,
            "it has 1 channels, but the file's header tells 2",
            1),
        Arguments.of(
            "a.ts",
            TS + "1,2:3,4:a\n1,2:NaN,4:a\n",
            none,
            LABELLED,
            5,
            "a value is missing or not a number, at step 1 of channel 2",
            1),
        Arguments.of(
            "a.ucr",
            "1 2 3\n , \n2 3 4\n",
            none,
            LABELLED,
            2,
            "it has neither a class nor a sample",
            2),
        Arguments.of("a.ts", TS + "1,2:3,4:a\n1,2:3,4:\n", none, LABELLED, 5, "it has no label", 1),
        Arguments.of(
            "a.conll",
            "a X\nb Y\n\nc\n\nd Z\n",
            none,
            TAGGED,
            4,
            "it has 1 column, but there must be 2",
            2));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void a_bad_row_is_told_or_left_out(
      String name,
      String text,
      List<String> columns,
      ColumnChoice choice,
      int line,
      String what,
      int left)
      throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, bytes(text));

    assertThat(problem(DataSpark.spec(OnBadRow.FAIL, columns, file), choice))
        .startsWith("The row in line " + line + " of " + file + " cannot be used: ")
        .contains(what, "--on-bad-row skip");
    try (RowSet data = open(DataSpark.spec(OnBadRow.SKIP, columns, file), choice, 16)) {
      assertThat(data.skipped()).isEqualTo(1);
      assertThat(data.firstSkipped()).startsWith("line " + line + " of " + file).contains(what);
      assertThat(data.count()).isEqualTo(left);
      assertThat(data.rows().collect()).hasSize(left);
    }
  }

  /** UTF-8, but for the low surrogate that stands for a byte that never occurs there. */
  private static byte[] bytes(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String part : text.split("(?<=\uDCFF)|(?=\uDCFF)")) {
      byte[] some =
          part.equals("\uDCFF") ? new byte[] {(byte) 0xFF} : part.getBytes(StandardCharsets.UTF_8);
      bytes.write(some, 0, some.length);
    }
    return bytes.toByteArray();
  }

  @Test
  void rows_of_another_number_of_channels_do_not_go_with_the_first() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a.jsonl"),
            "{\"features\":[[1,2]]}\n{\"features\":[[1]]}\n{\"features\":[[3,4]]}\n");
    ColumnChoice choice = DataSpark.choice(LabelKind.NONE);

    assertThat(problem(DataSpark.spec(file), choice))
        .contains("line 2 of " + file, "another number of channels than the 2 of line 1");
    try (RowSet data = open(DataSpark.spec(OnBadRow.SKIP, List.of(), file), choice, 16)) {
      assertThat(data.count()).isEqualTo(2);
      assertThat(data.skipped()).isEqualTo(1);
      assertThat(data.rows().collect()).hasSize(2);
    }
    assertThat(
            catchThrowableOfType(
                    InputException.class,
                    () -> DataSpark.open(DataSpark.spec(file), choice, 1 << 20, 3))
                .getMessage())
        .contains("line 1 of", "it has 2 channels, but there must be 3");
  }

  @Test
  void a_bad_row_of_csv_takes_no_other_along() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("c.csv"),
            "label,text\nneg,\"Awful, I left\npos,fine\npos,so 5\" wide\npos,ok\n"
                + "neg,\"a\n\nb\"\nneg,\"end\npos,last");

    assertThat(problem(DataSpark.spec(file), LABELLED))
        .startsWith("The row in line 2 of " + file)
        .contains("text stands behind a closing quote, 2 lines further on");
    try (RowSet data = open(DataSpark.spec(OnBadRow.SKIP, List.of(), file), LABELLED, 16)) {
      assertThat(data.rows().map(row -> String.join(" ", row.tokens()[0])).collect())
          .containsExactly("fine", "so 5 \" wide", "ok", "a b", "last");
      assertThat(data.skipped()).isEqualTo(2);
      assertThat(data.numbered().keys().collect()).containsExactly(1L, 2L, 3L, 4L, 6L);
    }
  }

  @Test
  void text_in_another_encoding_is_told_or_replaced() throws IOException {
    Path utf16 = folder.resolve("u.tsv");
    Files.write(utf16, "label\ttext\n1\ta\n".getBytes(StandardCharsets.UTF_16LE));
    Path latin = folder.resolve("l.tsv");
    Files.write(latin, "label\ttext\n1\td\u00e9j\u00e0\n".getBytes(StandardCharsets.ISO_8859_1));
    RowsInput replacing =
        new RowsInput(
            List.of(latin.toString()), null, List.of(), null, OnInvalid.REPLACE, OnBadRow.FAIL);

    assertThat(problem(DataSpark.spec(utf16), LABELLED))
        .contains(utf16.toString(), "looks like UTF-16", "iconv -f UTF-16LE -t UTF-8");
    // Without a mark, iconv would take UTF-16 alone for that of its own machine.
    Files.write(utf16, "label\ttext\n1\ta\n".getBytes(StandardCharsets.UTF_16BE));
    assertThat(problem(DataSpark.spec(utf16), LABELLED)).contains("iconv -f UTF-16BE -t UTF-8");
    assertThat(problem(DataSpark.spec(latin), LABELLED))
        .contains("line 2 of " + latin, "WINDOWS-1252", "--on-invalid replace");
    try (RowSet data = open(replacing, LABELLED, 16)) {
      assertThat(data.rows().map(row -> row.tokens()[0].length).collect()).containsExactly(4);
    }
  }

  @Test
  void lines_that_end_with_carriage_returns_alone_are_told() throws IOException {
    Path mac = folder.resolve("m.tsv");
    Files.writeString(mac, "label\ttext\r1\ta\r0\tb\r");
    assertThat(problem(DataSpark.spec(mac), LABELLED))
        .contains(mac + " ends its lines with carriage returns alone", "tr '\\r' '\\n'");
    Files.writeString(mac, "label\ttext\r\n1\ta\rb\rc\r\n");
    try (RowSet data = open(DataSpark.spec(mac), LABELLED, 16)) {
      assertThat(data.count()).isEqualTo(1);
    }
  }

  @Test
  void of_several_bad_rows_the_first_is_told() throws IOException {
    String[] lines = new String[500];
    Arrays.fill(lines, "1\tfine");
    for (int bad = 123; bad < 500; bad += 7) {
      lines[bad] = "\tbad";
    }
    Path file = Files.writeString(folder.resolve("a.tsv"), String.join("\n", lines));

    assertThat(problem(DataSpark.spec(OnBadRow.FAIL, List.of("label", "text"), file), LABELLED))
        .startsWith("The row in line 124 of ");
  }

  @Test
  void a_parquet_row_is_told_by_its_number() {
    String out = folder.resolve("p.parquet").toString();
    spark
        .sql(
            "SELECT concat('w', id) AS text, if(id = 7, null, 'a') AS label FROM range(0, 10, 1, 1)")
        .write()
        .parquet(out);

    assertThat(problem(DataSpark.spec(Path.of(out)), LABELLED))
        .startsWith("The row in row 8 of " + out)
        .contains("it has no label");
    assertThat(
            problem(
                DataSpark.spec(Path.of(out)),
                new ColumnChoice(List.of("words"), List.of(), null, null, LabelKind.NONE, false)))
        .isEqualTo("The input has no column 'words' (--text). It has text, label.");
  }

  @Test
  void files_that_cannot_be_read_or_understood_are_named() throws IOException {
    Path gz = folder.resolve("cut.tsv.gz");
    DataSpark.writeGzip(gz, "1\ttext\n".repeat(100_000));
    byte[] whole = Files.readAllBytes(gz);
    Files.write(gz, Arrays.copyOf(whole, whole.length - 12));
    Path one = Files.writeString(folder.resolve("one.csv"), "a,b\n1,2\n");
    Path two = Files.writeString(folder.resolve("two.csv"), "a,c\n1,2\n");
    Path odd = Files.writeString(folder.resolve("a.dat"), "x\n");
    Path noData = Files.writeString(folder.resolve("a.ts"), "1,2:3\n");
    Path timed = Files.writeString(folder.resolve("b.ts"), "@timeStamps true\n@data\n");
    Path notParquet = Files.writeString(folder.resolve("a.parquet"), "x\n");
    List<String> names = List.of("label", "text");

    assertThat(problem(DataSpark.spec(OnBadRow.SKIP, names, gz), LABELLED))
        .contains(gz.toString(), "cannot be unpacked");
    assertThat(
            problem(
                DataSpark.spec(one, two),
                new ColumnChoice(List.of("b"), List.of(), "a", null, LabelKind.CLASS, false)))
        .contains(two.toString(), "a, c", "a, b");
    assertThat(problem(DataSpark.spec(one), LABELLED)).contains("--columns", "--header");
    assertThat(problem(DataSpark.spec(odd), LABELLED)).contains("a.dat", "--format");
    assertThat(problem(DataSpark.spec(one, noData), LABELLED))
        .contains("one.csv is csv", "a.ts is ts");
    assertThat(problem(DataSpark.spec(noData), LABELLED)).contains("@data", noData.toString());
    assertThat(problem(DataSpark.spec(timed), LABELLED)).contains("time stamps", timed.toString());
    assertThat(problem(DataSpark.spec(notParquet), LABELLED))
        .contains("Parquet", notParquet.toString());
    assertThat(problem(DataSpark.spec(OnBadRow.FAIL, names, timed), LABELLED))
        .contains("--columns");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 3_000})
  void a_file_that_is_cut_off_within_its_second_frame_is_damaged(int missing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Random random = new Random(missing);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      text.append(i % 2).append("\tword").append(random.nextInt()).append('\n');
    }
    for (int frame = 0; frame < 2; frame++) {
      try (OutputStream out = new ZstdOutputStreamNoFinalizer(bytes)) {
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      }
    }
    Path whole = folder.resolve("a.tsv.zst");
    Files.write(whole, bytes.toByteArray());
    Path cut = folder.resolve("cut.tsv.zst");
    Files.write(cut, Arrays.copyOf(bytes.toByteArray(), bytes.size() - missing));
    List<String> names = List.of("label", "text");

    try (RowSet data = open(DataSpark.spec(OnBadRow.FAIL, names, whole), LABELLED, 16)) {
      assertThat(data.count()).isEqualTo(2000);
    }
    assertThat(problem(DataSpark.spec(OnBadRow.SKIP, names, cut), LABELLED))
        .contains(cut.toString(), "cannot be unpacked");
  }

  @Test
  void nothing_left_is_a_problem_of_its_own() throws IOException {
    Path file = Files.writeString(folder.resolve("a.tsv"), "\ta\n\tb\n");
    RowsInput spec = DataSpark.spec(OnBadRow.SKIP, List.of("label", "text"), file);
    Path one = Files.writeString(folder.resolve("b.tsv"), "1\ta\n");
    RowsInput single = DataSpark.spec(OnBadRow.FAIL, List.of("label", "text"), one);

    assertThat(problem(spec, LABELLED)).contains("2 were left out", "line 1 of " + file);
    assertThat(
            catchThrowableOfType(
                    InputException.class,
                    () -> DataSpark.open(single, LABELLED, 1 << 20).split(1, 1e-9, Map.of()))
                .getMessage())
        .contains("none is left for validation", "1.0E-9");
  }
}
