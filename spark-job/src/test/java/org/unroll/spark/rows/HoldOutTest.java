// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.Split;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowsInput.OnBadRow;

/** What was held out once is held out for ever. */
class HoldOutTest extends DataSpark {
  private static final HoldOut HELD = new HoldOut(0.1, 0.2);
  private static final List<String> NAMES = List.of("label", "id", "text");

  private Map<String, Split> sides(HoldOut held, List<String> lines) throws IOException {
    Path file = Files.writeString(folder.resolve("rows.tsv"), String.join("", lines));
    Map<String, Split> sides = new HashMap<>();
    try (RowSet all =
        open(DataSpark.spec(OnBadRow.FAIL, NAMES, file), DataSpark.choice(LabelKind.CLASS), 1000)) {
      for (Split split : held.splits()) {
        RowSet part = all.part(held, split);
        part.rows().collect().forEach(row -> assertThat(sides.put(row.id(), split)).isNull());
      }
      assertThat(sides).hasSize((int) all.count());
    }
    return sides;
  }

  private static List<String> rows(int from, int to) {
    List<String> lines = new ArrayList<>();
    for (int i = from; i < to; i++) {
      // Rows 2 k and 2 k + 1 have one text, another label and another name.
      lines.add("%d\t%d\tword%d of many\n".formatted(i % 2, i, i / 2));
    }
    return lines;
  }

  private static long count(Map<String, Split> sides, Split split) {
    return sides.values().stream().filter(split::equals).count();
  }

  @Test
  void a_row_stays_on_the_side_of_its_text_however_the_data_grow() throws IOException {
    Map<String, Split> before = sides(HELD, rows(0, 2000));

    assertThat(count(before, Split.VALID) / 2000.0).isCloseTo(0.1, within(0.03));
    assertThat(count(before, Split.TEST) / 2000.0).isCloseTo(0.2, within(0.03));
    before.forEach(
        (id, side) ->
            assertThat(before.get(Integer.toString(Integer.parseInt(id) ^ 1))).isEqualTo(side));

    List<String> more = rows(0, 3000);
    Collections.reverse(more);
    assertThat(sides(HELD, more)).hasSize(3000).containsAllEntriesOf(before);
    // A larger share takes rows to learn from, and none of the other side.
    Map<String, Split> larger = sides(new HoldOut(0.3, 0.2), rows(0, 2000));
    before.forEach(
        (id, side) -> assertThat(side == Split.TRAIN || larger.get(id) == side).isTrue());
    assertThat(sides(new HoldOut(0, 0.2), rows(0, 2000)).values())
        .contains(Split.TRAIN, Split.TEST)
        .doesNotContain(Split.VALID);
  }

  @Test
  void an_empty_side_and_shares_that_are_none_are_told() throws IOException {
    Path file = Files.writeString(folder.resolve("rows.tsv"), "1\tx\tone\n");
    try (RowSet one =
        open(DataSpark.spec(OnBadRow.FAIL, NAMES, file), DataSpark.choice(LabelKind.CLASS), 100)) {
      HoldOut rare = new HoldOut(1e-12, 1e-9);
      assertThat(one.part(rare, Split.TRAIN).count()).isEqualTo(1);
      assertThatThrownBy(() -> one.part(rare, Split.VALID))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "Of the input's rows, none is left for validation with --hold-out 1.0E-12,1.0E-9:"
                  + " take other shares or more data.");
      assertThatThrownBy(() -> one.part(rare, Split.TEST)).hasMessageContaining("for the test");
    }
    assertThat(HoldOut.parse(" 0.25, 0")).isEqualTo(new HoldOut(0.25, 0));
    for (String text : List.of("", "0.1", "0.1,", "a,b", "0.1,0.1,0.1")) {
      assertThatThrownBy(() -> HoldOut.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "'" + text + "' is not two shares, for validation and for the test, such as 0.1,0.1");
    }
    for (String text : List.of("0,0", "0.5,0.5", "-0.1,0.2", "NaN,0.1", "Infinity,0")) {
      assertThatThrownBy(() -> HoldOut.parse(text)).hasMessageContaining("less than 1");
    }
  }

  /** The documents of a side, their lines between bars. */
  private static List<String> documents(RowsInput input, Split split, long chunkBytes)
      throws IOException {
    Configuration conf = new Configuration();
    List<InputFile> files = InputListing.list(input.paths(), conf);
    RowFormat format = RowFormat.ofText(input, files);
    ColumnChoice column = ColumnChoice.USUAL_TEXT;
    DocumentReader reader = DocumentReader.of(input, format, files, column, chunkBytes, conf);
    List<String> found = new ArrayList<>();
    for (int c = 0; c < reader.table().chunks(); c++) {
      StringBuilder text = new StringBuilder();
      try (Documents own =
          HELD.part(reader.open(c, Tokenizer.of("char").slicer(), RowHash.digest()), split)) {
        while (own.next()) {
          text.append(
              new String(own.text(), own.from(), own.to() - own.from(), StandardCharsets.UTF_8));
          text.append(own.lineEnded() && !own.ended() ? "|" : "");
          if (own.ended()) {
            found.add(text.toString());
            text.setLength(0);
          }
        }
      }
    }
    return found;
  }

  private static List<String> lines(int count) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add("line %d é".formatted(i % 70));
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 100, 1 << 20})
  void lines_are_divided_by_their_text_in_their_order(long chunkBytes) throws IOException {
    // The last one has no newline.
    List<String> lines = lines(190);
    Path file = Files.writeString(folder.resolve("a.txt"), String.join("\n", lines));
    Map<String, Split> sides = new HashMap<>();
    for (Split split : Split.values()) {
      List<String> own = documents(RowsInput.of(List.of(file.toString())), split, chunkBytes);
      own.forEach(line -> assertThat(sides.getOrDefault(line, split)).isEqualTo(split));
      own.forEach(line -> sides.put(line, split));
      assertThat(own).isEqualTo(lines.stream().filter(line -> sides.get(line) == split).toList());
    }
    assertThat(sides).hasSize(70).containsValues(Split.values());
  }

  @Test
  void a_document_is_divided_whole_be_it_a_row_or_longer_than_what_is_held_back()
      throws IOException {
    StringBuilder rows = new StringBuilder("id,text\n");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String text = ("text " + i + " ").repeat(i % 3 == 0 ? 300_000 : 2);
      rows.append(i).append(",\"").append(text).append("\n\nsecond\"\n");
      texts.add(text + "||second");
    }
    Path file = Files.writeString(folder.resolve("a.csv"), rows);
    List<String> found = new ArrayList<>();
    for (Split split : Split.values()) {
      found.addAll(documents(RowsInput.of(List.of(file.toString())), split, ONE_CHUNK));
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(texts);
  }

  @Test
  void an_empty_line_stays_with_the_one_before() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), String.join("\n\n", lines(70)) + "\n\n");
    for (Split split : Split.values()) {
      List<String> own = documents(RowsInput.of(List.of(file.toString())), split, ONE_CHUNK);
      assertThat(own).isNotEmpty();
      for (int i = 0; i < own.size(); i++) {
        assertThat(own.get(i).isEmpty()).isEqualTo(i % 2 == 1);
      }
    }
  }
}
