// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowsInput.OnBadRow;

/** Files of every format give the rows that stand in them. */
class FormatsTest extends DataSpark {
  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static List<String> rows(RowsInput spec, ColumnChoice choice) {
    return rows(spec, choice, DataSpark.ONE_CHUNK);
  }

  private static List<String> rows(RowsInput spec, ColumnChoice choice, long chunkBytes) {
    try (RowSet data = open(spec, choice, chunkBytes)) {
      List<SequenceRow> rows = data.rows().collect();
      assertThat(rows).extracting(SequenceRow::key).isSorted().doesNotHaveDuplicates();
      assertThat(data.count()).isEqualTo(rows.size());
      assertThat(data.steps()).isEqualTo(rows.stream().mapToLong(SequenceRow::steps).sum());
      return rows.stream().map(DataSpark::show).toList();
    }
  }

  private static final List<String> REVIEWS =
      List.of(
          "7 [[good, ,, \", very, \", fine]] []/0 1 null null",
          "8 [[bad, .]] []/0 0 null null",
          "9 [[so, so]] []/0 0 null null");

  @Test
  void formats_of_texts_with_labels_give_the_same_rows() throws IOException {
    ColumnChoice choice = DataSpark.choice(LabelKind.CLASS);
    Path tsv = write("a.tsv", "1\t7\tGood, \"very\" fine\n0\t8\tBAD.\n0\t9\tso so\n");
    Path csv =
        write(
            "a.csv",
            "label,id,text\r\n1,7,\"Good, \"\"very\"\"\nfine\"\r\n0,8,BAD.\r\n\r\n0,9,so so\r\n");
    Path jsonl =
        write(
            "a.jsonl",
            """
            {"id":7,"label":1,"text":"Good, \\"very\\" fine","more":{"a":1}}
            {"label":"0","id":"8","text":"BAD."}

            {"label":0,"id":9.0,"text":["so","so"]}
            """);
    String parquet = folder.resolve("p.parquet").toString();
    spark
        .sql(
            "SELECT * FROM VALUES (1, 7L, 'Good, \"very\" fine'), (0, 8L, 'BAD.'), (0, 9L, 'so so')"
                + " AS t(label, id, text)")
        .coalesce(1)
        .write()
        .parquet(parquet);

    assertThat(rows(DataSpark.spec(OnBadRow.FAIL, List.of("label", "id", "text"), tsv), choice))
        .isEqualTo(REVIEWS);
    assertThat(rows(DataSpark.spec(csv), choice)).isEqualTo(REVIEWS);
    assertThat(rows(DataSpark.spec(jsonl), choice)).isEqualTo(REVIEWS);
    RowsInput asParquet = DataSpark.spec(Path.of(parquet));
    assertThat(rows(asParquet, choice)).isEqualTo(REVIEWS);
  }

  @Test
  void tab_separated_rows_end_at_newlines_alone_and_have_no_quotes() throws IOException {
    Path tsv = write("a.tsv", "1\ta\u0085b \u2028c\n0\t\"d\r\n1\te\rf");

    assertThat(
            rows(
                DataSpark.spec(OnBadRow.FAIL, List.of("label", "text"), tsv),
                DataSpark.choice(LabelKind.CLASS)))
        .containsExactly(
            "null [[a, b, c]] []/0 1 null null",
            "null [[\", d]] []/0 0 null null",
            "null [[e, f]] []/0 1 null null");
  }

  @Test
  void plain_text_needs_no_label() throws IOException {
    Path text = write("a.txt", "\uFEFFone two\n\nthree\n");

    assertThat(rows(DataSpark.spec(text), DataSpark.choice(LabelKind.NONE)))
        .containsExactly(
            "null [[one, two]] []/0 null null null", "null [[three]] []/0 null null null");
  }

  private static final String CONLL =
      "\n\nThe DT B-NP\ncat NN I-NP\n\n \t\n\nsat VBD B-VP\n\na DT B-NP\r\n\r\nb NN B-NP\nc NN I-NP";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 7, 11, 13, 20, 30, 1000})
  void sentences_are_not_cut_wherever_the_file_is(long chunkBytes) throws IOException {
    Path file = write("a.conll", CONLL);

    assertThat(rows(DataSpark.spec(file), DataSpark.choice(LabelKind.STEPS), chunkBytes))
        .containsExactly(
            "null [[The, cat]] []/0 null [B-NP, I-NP] null",
            "null [[sat]] []/0 null [B-VP] null",
            "null [[a]] []/0 null [B-NP] null",
            "null [[b, c]] []/0 null [B-NP, I-NP] null");
  }

  @Test
  void several_columns_of_tokens_go_side_by_side() throws IOException {
    Path file = write("a.conll", CONLL);
    ColumnChoice choice =
        new ColumnChoice(List.of("form", "tag"), List.of(), "tag", null, LabelKind.STEPS, false);

    assertThat(
            rows(DataSpark.spec(OnBadRow.FAIL, List.of("form", "tag", "x"), file), choice).get(0))
        .isEqualTo("null [[The, cat], [DT, NN]] []/0 null [DT, NN] null");
  }

  @Test
  void universal_dependencies_skip_comments_multiword_tokens_and_empty_nodes() throws IOException {
    Path file =
        write(
            "a.conllu",
            """
            # sent_id = 1
            # text = I don't know
            1	I	I	PRON	PRP	_	4	nsubj	_	_
            2-3	don't	_	_	_	_	_	_	_	_
            2	do	do	AUX	VBP	_	4	aux	_	_
            3	n't	not	PART	RB	_	4	advmod	_	_
            4	know well	know	VERB	VB	_	0	root	_	_
            4.1	x	x	X	X	_	_	_	_	_

            """);

    assertThat(rows(DataSpark.spec(file), DataSpark.choice(LabelKind.STEPS)))
        .containsExactly("null [[I, do, n't, know well]] []/0 null [PRON, AUX, PART, VERB] null");
  }

  @Test
  void series_of_all_formats_give_the_same_frames() throws IOException {
    List<String> expected =
        List.of(
            "null [] [1.0, 10.0, 2.0, 20.0]/2 3 null null",
            "null [] [1.5, -1.0, NaN, 4.0, 0.0, 5.0]/2 x y null null");
    ColumnChoice choice = new ColumnChoice(List.of(), List.of(), null, null, LabelKind.CLASS, true);
    Path ts =
        write(
            "a.ts",
            """
            # comment
            @problemName a
            @timeStamps false
            @dimensions 2
            @classLabel true 3 x
            @data
            1,2:10,20:3

            1.5,?,0:-1,4,5e0:x y
            """);
    Path jsonl =
        write(
            "a.jsonl",
            """
            {"features":[[1,10],[2,20]],"label":3}
            {"features":[[1.5,-1],[null,4],[0,5]],"label":"x y"}
            """);
    String parquet = folder.resolve("p.parquet").toString();
    spark
        .sql(
            "SELECT array(array(1D,10D),array(2D,20D)) AS features, '3' AS label UNION ALL"
                + " SELECT array(array(1.5D,-1D),array(null,4D),array(0D,5D)), 'x y'")
        .coalesce(1)
        .write()
        .parquet(parquet);

    assertThat(rows(DataSpark.spec(ts), choice, 30)).isEqualTo(expected);
    assertThat(rows(DataSpark.spec(jsonl), choice)).isEqualTo(expected);
    RowsInput asParquet = DataSpark.spec(Path.of(parquet));
    assertThat(rows(asParquet, choice)).isEqualTo(expected);
  }

  @Test
  void channels_may_stand_in_columns_of_their_own() throws IOException {
    Path jsonl =
        write("a.jsonl", "{\"a\":[1,2],\"b\":[[3,4],[5,6]],\"y\":0.5,\"w\":[\"u\",\"v\"]}\n");
    ColumnChoice both =
        new ColumnChoice(List.of("w"), List.of("a", "b"), "y", null, LabelKind.NUMBERS, false);
    Path csv = write("a.csv", "0.1,0.2,0.3,up\n1,2,3,down\n");
    ColumnChoice steps =
        new ColumnChoice(List.of(), List.of("x", "y", "z"), null, null, LabelKind.CLASS, false);

    assertThat(rows(DataSpark.spec(jsonl), both))
        .containsExactly("null [[u, v]] [1.0, 3.0, 4.0, 2.0, 5.0, 6.0]/3 null null [0.5]");
    assertThat(rows(DataSpark.spec(OnBadRow.FAIL, List.of("x", "y", "z", "label"), csv), steps))
        .containsExactly(
            "null [] [0.1, 0.2, 0.3]/1 up null null", "null [] [1.0, 2.0, 3.0]/1 down null null");
  }

  @ParameterizedTest
  @CsvSource({"'  ', '\n'", "',', '\r\n'", "'\t', '\n'"})
  void ucr_has_a_class_and_then_the_samples(String between, String end) throws IOException {
    String lead = between.isBlank() && !between.equals("\t") ? "  " : "";
    Path file =
        write(
            "a.txt",
            (lead + String.join(between, "1.0000000e+00", "-1.5e0", "2") + end)
                + (lead + String.join(between, "2", "3", "NaN") + end)
                + (lead + String.join(between, "1e2147483647", "4") + end));
    RowsInput spec = DataSpark.spec(RowFormat.UCR, null, List.of(), file);
    ColumnChoice choice = new ColumnChoice(List.of(), List.of(), null, null, LabelKind.CLASS, true);

    assertThat(rows(spec, choice, 8))
        .containsExactly(
            "null [] [-1.5, 2.0]/1 1 null null",
            "null [] [3.0, NaN]/1 2 null null",
            "null [] [4.0]/1 1e2147483647 null null");
  }

  private static ColumnChoice asked(String text, String label) {
    return new ColumnChoice(List.of(text), List.of(), label, null, LabelKind.CLASS, false);
  }

  @Test
  void a_first_line_with_the_names_that_were_asked_for_is_a_header() throws IOException {
    Path reviews = write("a.tsv", "review\tverdict\tid\ngood\tpos\t7\nbad\tneg\t8\n");
    List<String> expected =
        List.of("7 [[good]] []/0 pos null null", "8 [[bad]] []/0 neg null null");

    assertThat(rows(DataSpark.spec(reviews), asked("review", "verdict"))).isEqualTo(expected);
    assertThat(
            rows(
                DataSpark.spec(OnBadRow.FAIL, List.of("review", "verdict", "id"), reviews),
                asked("review", "verdict")))
        .isEqualTo(expected);
    assertThat(
            rows(DataSpark.spec(null, true, List.of("a", "b", "c"), reviews), asked("a", "b"))
                .get(0))
        .isEqualTo("null [[good]] []/0 pos null null");
    assertThat(
            rows(
                DataSpark.spec(null, false, List.of("review", "verdict", "id"), reviews),
                asked("review", "verdict")))
        .hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 1000})
  void a_header_is_that_of_every_file_behind_a_mark_and_blank_lines(long chunkBytes)
      throws IOException {
    Path a = write("a.csv", "\uFEFF\r\n\r\nlabel, text\r\n1,\"x\n\ny\"\r\n\r\n  \r\n0,z\r\n");
    Path b = write("b.csv", "label,text\n1,w");

    assertThat(rows(DataSpark.spec(a, b), DataSpark.choice(LabelKind.CLASS), chunkBytes))
        .containsExactly(
            "null [[x, y]] []/0 1 null null",
            "null [[z]] []/0 0 null null",
            "null [[w]] []/0 1 null null");
  }

  @Test
  void parquet_columns_that_nobody_asked_for_do_not_matter() throws IOException {
    String parquet = folder.resolve("p.parquet").toString();
    spark
        .sql(
            "SELECT concat('w', id) AS text, cast(id AS float) AS f, id % 2 = 0 AS b,"
                + " cast(id AS tinyint) AS i8, cast(id AS smallint) AS i16, cast('x' AS binary) AS"
                + " raw, timestamp_seconds(id) AS t, date '2024-02-29' AS d, cast(id AS"
                + " decimal(9,1)) AS n, named_struct('a', id) AS s, map('k', id) AS m, cast(id AS"
                + " int) AS label FROM range(0, 4, 1, 1)")
        .write()
        .parquet(parquet);
    RowsInput input = DataSpark.spec(Path.of(parquet));
    ColumnChoice numbers =
        new ColumnChoice(
            List.of(), List.of("f", "b", "i8", "i16", "n"), "d", "t", LabelKind.CLASS, false);

    assertThat(rows(input, DataSpark.choice(LabelKind.CLASS)))
        .hasSize(4)
        .endsWith("null [[w3]] []/0 3 null null");
    assertThat(rows(input, numbers).get(3))
        .isEqualTo("1970-01-01T00:00:03Z [] [3.0, 0.0, 3.0, 3.0, 3.0]/1 2024-02-29 null null");
  }

  @Test
  void documents_and_odd_blanks_of_conll_files_are_what_they_are() throws IOException {
    Path file =
        write("a.conll", "-DOCSTART-\n\n\u3000 X\nb Y\n\n-DOCSTART- O\n\nNew York\tZ\n\u2028\tZ\n");

    assertThat(
            rows(
                DataSpark.spec(null, null, List.of("word", "tag"), file),
                DataSpark.choice(LabelKind.STEPS)))
        .containsExactly(
            "null [[\u3000, b]] []/0 null [X, Y] null",
            "null [[New York, \u2028]] []/0 null [Z, Z] null");
  }

  @Test
  void texts_go_by_the_numbers_of_their_lines() throws IOException {
    Path texts = write("a.txt", "one\n\nthree\r\n\r\n \nsix");
    for (long chunkBytes : new long[] {1, 5, DataSpark.ONE_CHUNK}) {
      try (RowSet data =
          open(DataSpark.spec(texts), DataSpark.choice(LabelKind.NONE), chunkBytes)) {
        assertThat(
                data.numbered().map(row -> row._1() + 1 + " " + row._2().tokens()[0][0]).collect())
            .containsExactly("1 one", "3 three", "6 six");
        assertThat(data.count()).isEqualTo(3);
        assertThat(data.skipped()).isZero();
      }
    }
  }
}
