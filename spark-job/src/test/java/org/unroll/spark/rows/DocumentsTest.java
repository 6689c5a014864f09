// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/** Rows of tables as documents: what {@code prepare} reads. */
class DocumentsTest {
  private static final Configuration CONF = new Configuration();

  @TempDir Path folder;

  private RowsInput input(String name, String text, List<String> columns, OnBadRow onBadRow)
      throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    return new RowsInput(List.of(file.toString()), null, columns, null, OnInvalid.FAIL, onBadRow);
  }

  private static ColumnChoice column(String text) {
    return new ColumnChoice(List.of(text), List.of(), null, null, LabelKind.NONE, false);
  }

  /** The text of each document, and at the end what was not one. */
  private static List<String> documents(RowsInput input, ColumnChoice columns, long chunkBytes)
      throws IOException {
    List<InputFile> files = InputListing.list(input.paths(), CONF);
    RowFormat format = RowFormat.ofText(input, files);
    DocumentReader reader = DocumentReader.of(input, format, files, columns, chunkBytes, CONF);
    List<String> found = new ArrayList<>();
    long bad = 0;
    long empty = 0;
    for (int c = 0; c < reader.table().chunks(); c++) {
      StringBuilder text = new StringBuilder();
      try (Documents documents = reader.open(c, Tokenizer.of("char").slicer(), RowHash.digest())) {
        while (documents.next()) {
          int length = documents.to() - documents.from();
          text.append(
              new String(documents.text(), documents.from(), length, StandardCharsets.UTF_8));
          if (documents.ended()) {
            found.add(text.toString());
            text.setLength(0);
          } else {
            text.append("\\n");
          }
        }
        bad += documents.badRows();
        empty += documents.emptyRows();
      }
    }
    if (bad + empty > 0) {
      found.add(bad + " bad, " + empty + " empty");
    }
    return found;
  }

  private static String problem(RowsInput input, ColumnChoice columns) {
    return catchThrowableOfType(InputException.class, () -> documents(input, columns, 1000))
        .getMessage();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 20, 1000})
  void csv_has_quotes_newlines_and_a_header_wherever_it_is_cut(long chunkBytes) throws IOException {
    String text =
        "\uFEFFid,text,label\r\n1,\"a, \"\"b\"\"\r\nc\",x\r\n\r\n2,,\n \n3,plain text,\"\"\n";
    assertThat(
            documents(
                input("a.csv", text, List.of(), OnBadRow.FAIL),
                ColumnChoice.USUAL_TEXT,
                chunkBytes))
        .containsExactly("a, \"b\"\\nc", "", "plain text", "0 bad, 1 empty");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4, 1000})
  void tsv_takes_quotes_for_text_and_ends_rows_at_newlines(long chunkBytes) throws IOException {
    RowsInput input =
        input("a.tsv", "1\t\"so\n\n0\tcalled\" a, b\n", List.of("stars", "text"), OnBadRow.FAIL);
    assertThat(documents(input, column("text"), chunkBytes))
        .containsExactly("\"so", "called\" a, b");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 30, 1000})
  void json_lines_are_objects(long chunkBytes) throws IOException {
    String text =
        "{\"label\": 1.0, \"text\": \"a\\nb \\u00e9\"}\n\n{\"text\":[\"c\",\"d\"],\"label\":null}\r\n";
    assertThat(
            documents(
                input("a.jsonl", text, List.of(), OnBadRow.FAIL),
                ColumnChoice.USUAL_TEXT,
                chunkBytes))
        .containsExactly("a\\nb \u00e9", "c d");
  }

  @Test
  void sentences_are_documents_of_their_tokens() throws IOException {
    String text = "-DOCSTART- -X- O\n\nThe DT B\ncat NN I\n\nsat VB O\n";
    assertThat(
            documents(input("a.conll", text, List.of(), OnBadRow.FAIL), ColumnChoice.USUAL_TEXT, 8))
        .containsExactly("The cat", "sat");
  }

  @Test
  void bad_rows_are_told_or_left_out_and_counted() throws IOException {
    String text = "{\"text\":\"a\"}\n{\"text\":\n{\"txt\":\"b\"}\n[1]\n{\"text\":{\"x\":1}}\n";
    ColumnChoice columns = column("text");
    assertThat(documents(input("a.jsonl", text, List.of(), OnBadRow.SKIP), columns, 1000))
        .containsExactly("a", "4 bad, 0 empty");
    assertThat(problem(input("a.jsonl", text, List.of(), OnBadRow.FAIL), columns))
        .startsWith("The row in line 2 of ")
        .contains("it is no JSON object", "--on-bad-row skip");
    assertThat(
            problem(input("b.jsonl", "{\"text\":\"a\"}\n{}\n", List.of(), OnBadRow.FAIL), columns))
        .contains("line 2 of ", "it has no value in column 'text'");
  }

  @Test
  void a_missing_column_is_told_with_those_there_are() throws IOException {
    assertThat(
            problem(input("a.csv", "id,text\n1,a\n", List.of(), OnBadRow.FAIL), column("review")))
        .contains("has no column 'review'; it has id, text.", "--columns", "--header");
    assertThat(
            problem(
                input("a.jsonl", "{\"id\":1,\"text\":\"a\"}\n", List.of(), OnBadRow.FAIL),
                column("review")))
        .isEqualTo("The input has no column 'review' (--text). It has id, text.");
  }
}
