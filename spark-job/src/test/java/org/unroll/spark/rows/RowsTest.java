// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.ContentHash;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

class RowsTest {
  @TempDir Path folder;

  private List<List<String>> rows(TableSpec spec, String text, long chunkBytes) throws IOException {
    Path file = Files.writeString(folder.resolve("table"), text);
    InputFile input = new InputFile(file.toString(), "table", Files.size(file), 0, false);
    ChunkTable table = new ChunkTable(List.of(input), chunkBytes, spec.multiline());
    TableRowReader reader =
        new TableRowReader(new ChunkFiles(new Configuration()), spec, OnInvalid.FAIL);
    List<List<String>> rows = new ArrayList<>();
    for (int c = 0; c < table.chunks(); c++) {
      try (Rows part = reader.open(table.chunk(c), ContentHash.digest())) {
        while (part.next()) {
          String[] values = new String[spec.wanted().size()];
          for (int v = 0; v < values.length; v++) {
            values[v] = part.value(v);
          }
          rows.add(Arrays.asList(values));
        }
      }
    }
    return rows;
  }

  private static TableSpec csv(boolean multiline, String... wanted) {
    return new TableSpec(InputFormat.CSV, List.of(), multiline, List.of(wanted));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 20, 1000})
  void csv_has_quotes_and_its_header_holds_for_all_parts(long chunkBytes) throws IOException {
    String text = "id,text,label\r\n1,\"a, \"\"b\"\"\",x\r\n\r\n2,,\n3,plain text,\"\"\n";
    assertThat(rows(csv(false, "text", "id"), text, chunkBytes))
        .containsExactly(List.of("a, \"b\"", "1"), List.of("", "2"), List.of("plain text", "3"));
  }

  @Test
  void quoted_values_may_hold_newlines_where_that_was_said() throws IOException {
    String text = "text,n\n\"two\nlines\",1\nx,2\n";
    assertThat(rows(csv(true, "text", "n"), text, 5))
        .containsExactly(List.of("two\nlines", "1"), List.of("x", "2"));
    assertThatThrownBy(() -> rows(csv(false, "text"), text, 1000))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("in line 2 a quoted value that does not end there")
        .hasMessageContaining("--multiline");
    assertThatThrownBy(() -> rows(csv(true, "text"), "text\n\"open\n", 1000))
        .hasMessageContaining("the end of the file inside a quoted value");
    assertThatThrownBy(() -> rows(csv(true, "text"), "text\n\"a\"b\n", 1000))
        .hasMessageContaining("in line 2 text behind the closing quote");
  }

  @Test
  void tsv_takes_quotes_for_text() throws IOException {
    TableSpec spec =
        new TableSpec(InputFormat.TSV, List.of("label", "text"), false, List.of("text", "label"));
    assertThat(rows(spec, "1\t\"so\n0\tcalled\" a, b\n", 4))
        .containsExactly(List.of("\"so", "1"), List.of("called\" a, b", "0"));
    assertThatThrownBy(() -> rows(spec, "1\ta\n\n7\n", 1000))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("in line 3 1 value, but column 2 is wanted");
  }

  @Test
  void a_missing_column_is_told_with_those_there_are() {
    assertThatThrownBy(() -> rows(csv(false, "review"), "id,text\n1,a\n", 1000))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has no column 'review'; it has id, text.");
  }

  @Test
  void json_lines_are_objects() throws IOException {
    TableSpec spec = new TableSpec(InputFormat.JSONL, List.of(), false, List.of("text", "label"));
    String text =
        "{\"label\": 1, \"text\": \"a\\nb \\u00e9\"}\n\n{\"text\":null,\"label\":{\"x\":[1]}}\r\n";
    for (long chunkBytes : new long[] {1, 30, 1000}) {
      assertThat(rows(spec, text, chunkBytes))
          .containsExactly(List.of("a\nb \u00e9", "1"), Arrays.asList(null, "{\"x\":[1]}"));
    }
    assertThatThrownBy(() -> rows(spec, "{\"text\":\"a\",\"label\":0}\n{\"txt\":\"b\"}\n", 1000))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("in line 2 no field 'text'; it has txt.");
    assertThatThrownBy(() -> rows(spec, "{\"text\":\"a\"\n", 1000))
        .hasMessageContaining("in line 1 what is no JSON");
    assertThatThrownBy(() -> rows(spec, "[1]\n", 1000)).hasMessageContaining("no JSON object");
  }

  @Test
  void a_name_says_what_a_file_is() {
    assertThat(InputFormat.guess("a/b.CSV.gz")).isEqualTo(InputFormat.CSV);
    assertThat(InputFormat.guess("b.tsv.zst")).isEqualTo(InputFormat.TSV);
    assertThat(InputFormat.guess("b.jsonl")).isEqualTo(InputFormat.JSONL);
    assertThat(InputFormat.guess("part-0.zstd.parquet")).isEqualTo(InputFormat.PARQUET);
    assertThat(InputFormat.guess("corpus.txt")).isEqualTo(InputFormat.TEXT);
    assertThat(InputFormat.guess("csv/README")).isEqualTo(InputFormat.TEXT);
  }
}
