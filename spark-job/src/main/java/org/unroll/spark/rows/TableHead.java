// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static java.util.stream.Collectors.toList;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.store.HadoopFiles;

/** What the beginning of the first file tells about the columns of all. */
final class TableHead {
  static final List<String> CONLLU =
      List.of("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc");

  static final List<String> SERIES = List.of("features", "label");
  static final List<String> TEXT = List.of("text");

  /** The columns of the shared tasks on chunks (2000) and named entities (2003). */
  private static final List<String> CONLL = List.of("word", "pos", "chunk", "ner");

  private final RowsInput spec;
  private final SequenceFormat format;
  private final ChunkTable table;
  private final ChunkFiles files;

  TableHead(RowsInput spec, SequenceFormat format, ChunkTable table, ChunkFiles files) {
    this.spec = spec;
    this.format = format;
    this.table = table;
    this.files = files;
  }

  /**
   * Names of a row's values.
   *
   * @throws InputException if nothing tells them
   */
  List<String> columns() {
    if (spec.header() && !format.needsNames()) {
      throw new InputException(
          "--header is for csv and tsv, but the input's format is " + format.word() + ".");
    }
    if (!spec.columns().isEmpty()) {
      return givenColumns();
    }
    return switch (format) {
      case TEXT -> TEXT;
      case TS, UCR -> SERIES;
      case CONLLU -> CONLLU;
      case TSV, CSV -> headerColumns();
      default -> first();
    };
  }

  private List<String> givenColumns() {
    if (!format.needsNames() && format != SequenceFormat.CONLL) {
      throw new InputException(
          "--columns names the columns of csv, tsv and conll files, but those of "
              + format.word()
              + " have names of their own.");
    }
    return spec.columns();
  }

  private List<String> headerColumns() {
    if (!spec.header()) {
      throw new InputException(
          "Nothing tells the names of the input's columns: give them in their order, as in"
              + " --columns label,text, or say --header if the first line of each file has them.");
    }
    List<String> names = first();
    if (new HashSet<>(names).size() < names.size()) {
      throw new InputException(
          "The header of the input names a column twice: "
              + String.join(", ", names)
              + ". Give other names with --columns.");
    }
    return names;
  }

  /** What the first file with any line tells. */
  private List<String> first() {
    for (int file = 0; file < table.files(); file++) {
      if (table.firstChunk(file) < table.firstChunk(file + 1)) {
        Chunk chunk = table.chunk(table.firstChunk(file));
        List<String> names = first(chunk, file);
        if (names != null) {
          return names;
        }
      }
    }
    throw new InputException("The input has no rows: all its files are empty.");
  }

  private List<String> first(Chunk chunk, int file) {
    String name = HadoopFiles.show(new Path(chunk.path()));
    try {
      return format == SequenceFormat.PARQUET
          ? ParquetRows.names(files, chunk)
          : firstOfLines(chunk);
    } catch (BadRowException e) {
      throw new BadRow(new RowKey(file, 0), e.getMessage()).exception("the first line of " + name);
    } catch (IOException e) {
      throw unreadable(chunk, e);
    }
  }

  private List<String> firstOfLines(Chunk chunk) throws IOException, BadRowException {
    try (Lines lines = new Lines(files.text(chunk, 0), 0)) {
      if (format == SequenceFormat.CSV) {
        String[] fields = new CsvRows(lines, 0).nextFields();
        return fields == null ? null : List.of(fields);
      }
      return firstNames(lines);
    }
  }

  private List<String> firstNames(Lines lines) throws IOException, BadRowException {
    while (lines.advance()) {
      try {
        if (!lines.isBlank()) {
          return names(lines.text());
        }
      } catch (BadRowException e) {
        if (spec.header() || spec.onBadRow() == OnBadRow.FAIL) {
          throw e;
        }
      }
    }
    return null;
  }

  private static InputException unreadable(Chunk chunk, IOException e) {
    try {
      return InputProblems.reading(chunk, e);
    } catch (IOException again) {
      throw new UncheckedIOException(again);
    }
  }

  private List<String> names(String line) throws BadRowException {
    if (format == SequenceFormat.TSV) {
      return List.of(TableParsers.tabs(line));
    }
    if (format == SequenceFormat.JSONL) {
      return List.copyOf(TableParsers.object(line).keySet());
    }
    int count = line.strip().split("[ \\t]+").length;
    return count <= CONLL.size()
        ? CONLL.subList(0, count)
        : IntStream.rangeClosed(1, count).mapToObj(c -> "c" + c).collect(toList());
  }
}
