// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ColumnChoice.LabelKind;

/** Values that part rows, from columns and from paths. */
class SliceColumnsTest extends DataSpark {
  private static ColumnChoice by(String... columns) {
    return DataSpark.choice(LabelKind.CLASS).slicedBy(List.of(columns));
  }

  private static List<String> values(RowSet data) {
    return data.rows().collect().stream().map(row -> Arrays.toString(row.slices())).toList();
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Test
  void tables_of_every_format_have_the_same_values() throws IOException {
    List<String> expected = List.of("[de, 1]", "[null, 2.5]", "[fr, null]");
    List<Path> files =
        List.of(
            write("a.tsv", "label\tland\ttext\tshop\na\tde\tx\t1\nb\t \ty\t2.5\na\tfr\tz\t\n"),
            write("a.csv", "label,land,text,shop\na,de,x,1\nb,,y,2.5\na,fr,z,\n"),
            write(
                "a.jsonl",
                """
                {"label":"a","text":"x","land":"de","shop":1.0}
                {"label":"b","text":"y","shop":2.5}
                {"label":"a","text":"z","land":"fr","shop":null}
                """),
            folder.resolve("a.parquet"));
    spark
        .sql(
            "SELECT 'a' label, 'x' text, 'de' land, 1D shop UNION ALL SELECT 'b', 'y', null, 2.5D"
                + " UNION ALL SELECT 'a', 'z', 'fr', null")
        .coalesce(1)
        .write()
        .parquet(files.get(3).toString());
    for (Path file : files) {
      try (RowSet data = open(DataSpark.spec(file), by("land", "shop"), ONE_CHUNK)) {
        assertThat(values(data)).as(file.toString()).isEqualTo(expected);
        assertThat(data.cut(token -> List.of(token)).rows().first().slices())
            .containsExactly("de", "1");
      }
      try (RowSet data = open(DataSpark.spec(file), by(), ONE_CHUNK)) {
        assertThat(data.rows().first().slices()).isEmpty();
      }
    }
  }

  @Test
  void folders_of_the_path_have_values_for_all_rows_below_them() throws IOException {
    write("in/land=de/city=K%C3%B6ln%2FBonn/a.tsv", "label\ttext\na\tx\n");
    write("in/land=__HIVE_DEFAULT_PARTITION__/b.tsv", "label\ttext\na\ty\n");
    write("in/land=fr/land=it/c.tsv", "label\ttext\nb\tz\nb\tz\n");
    RowsInput input = DataSpark.spec(folder.resolve("in"));
    try (RowSet data = open(input, by("land"), ONE_CHUNK)) {
      assertThat(values(data)).containsExactlyInAnyOrder("[de]", "[null]", "[it]", "[it]");
      assertThat(data.slices(0, 5)).containsExactly(Map.entry("it", 2L), Map.entry("de", 1L));
      assertThat(data.slices(0, 1)).containsExactly(Map.entry("it", 2L));
    }
    write("lines/land=nl/a.txt", "x y\n");
    ColumnChoice texts = DataSpark.choice(LabelKind.NONE).slicedBy(List.of("land"));
    try (RowSet data = open(DataSpark.spec(folder.resolve("lines")), texts, ONE_CHUNK)) {
      assertThat(values(data)).containsExactly("[nl]");
    }
  }

  @Test
  void columns_that_are_nowhere_are_refused() throws IOException {
    Path table = write("a.tsv", "label\ttext\na\tx\n");
    Path lines = write("a.txt", "x y\n");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> open(DataSpark.spec(table), by("land"), ONE_CHUNK))
        .withMessageContainingAll("no column 'land' (--slice)", "label, text", "land=VALUE");
    ColumnChoice texts = DataSpark.choice(LabelKind.NONE).slicedBy(List.of("land"));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> open(DataSpark.spec(lines), texts, ONE_CHUNK))
        .withMessageContainingAll("format text", "no column 'land'", "give tables");
  }
}
