// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.TooLittleException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.RowReader.BadRowException;
import org.unroll.spark.rows.RowsInput.OnBadRow;

/**
 * Finds out the columns of all files by the beginning of the first one.
 *
 * <p>The first line of CSV and TSV names the columns if it holds all names that were asked for; if
 * none was, if it holds one of the usual names; and if names were given, if it holds just these.
 * The user may say so, or that it does not. Where it does not, columns have the names that they had
 * in a training, if there was one.
 */
final class TableHead {
  private static final List<String> CONLLU =
      List.of("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc");

  private static final List<String> SERIES = List.of("features", "label");

  /** The columns of the shared tasks on chunks (2000) and named entities (2003). */
  private static final List<String> CONLL = List.of("word", "pos", "chunk", "ner");

  private static final int MOST_SHOWN = 10;
  private static final int LONGEST_SHOWN = 40;

  private final RowsInput input;
  private final RowFormat format;
  private final ChunkTable table;
  private final ChunkFiles files;
  private final List<String> columns;
  private final boolean header;

  /**
   * Looks into the first file with any line, on the driver.
   *
   * @param asked names of columns that were asked for
   * @throws InputException if nothing tells the columns
   */
  TableHead(
      RowsInput input, RowFormat format, ChunkTable table, ChunkFiles files, List<String> asked) {
    this.input = input;
    this.format = format;
    this.table = table;
    this.files = files;
    requireApplicable();
    RowsInput.Form like = input.like();
    List<String> usual = like == null ? List.of() : like.columns();
    if (format.needsNames() && input.columns().isEmpty()) {
      List<String> first = first();
      this.header = isHeader(first, asked);
      this.columns = header || usual.isEmpty() ? first : usual;
      if (header || usual.isEmpty()) {
        requireNames(asked);
      }
    } else if (!input.columns().isEmpty()) {
      this.columns = input.columns();
      this.header =
          input.header() != null ? input.header() : format.needsNames() && columns.equals(first());
    } else {
      this.columns =
          switch (format) {
            case TEXT, FILE -> List.of(ColumnChoice.TEXT);
            case TS, UCR -> SERIES;
            case CONLLU -> CONLLU;
            case CONLL -> usual.isEmpty() || like.of(null) != format ? first() : usual;
            default -> first();
          };
      this.header = false;
    }
  }

  /** Returns the names of a row's values. */
  List<String> columns() {
    return columns;
  }

  /** Returns whether the first line of each file is no row. */
  boolean header() {
    return header;
  }

  private void requireApplicable() {
    if (input.header() != null && !format.needsNames()) {
      throw new InputException(
          "%s is for csv and tsv, but the input's format is %s."
              .formatted(input.header() ? "--header" : "--no-header", format.word()));
    }
    if (!input.columns().isEmpty() && !format.needsNames() && format != RowFormat.CONLL) {
      throw new InputException(
          "--columns names the columns of csv, tsv and conll files, but those of "
              + format.word()
              + " have names of their own.");
    }
  }

  private boolean isHeader(List<String> first, List<String> asked) {
    if (input.header() != null) {
      return input.header();
    }
    if (input.like() != null && input.like().header() != null) {
      return input.like().header();
    }
    return asked.isEmpty()
        ? ColumnChoice.USUAL.stream().anyMatch(first::contains)
        : first.containsAll(asked);
  }

  private void requireNames(List<String> asked) {
    if (!header) {
      String missing =
          asked.stream()
              .filter(name -> !columns.contains(name))
              .map(name -> "'" + name + "'")
              .collect(joining(", "));
      throw new InputException(
          ("Nothing tells the names of the columns: the first line of the input file %s has "
                  + "%s%s. If the files have no header, name their columns in their order, as in "
                  + "--columns label,text; if the first line is one, ask for columns that it names "
                  + "(--text, --features, --label, --id), or say --header.")
              .formatted(
                  name(),
                  (missing.isEmpty() ? "" : "no column " + missing + "; it has "),
                  shown()));
    }
    if (new HashSet<>(columns).size() < columns.size()) {
      throw new InputException(
          "The header of the input names a column twice: "
              + shown()
              + ". Give other names with --columns, and say --header.");
    }
  }

  private String shown() {
    return Stream.concat(
            columns.stream()
                .limit(MOST_SHOWN)
                .map(c -> c.length() <= LONGEST_SHOWN ? c : c.substring(0, LONGEST_SHOWN) + "..."),
            Stream.of("...").limit(columns.size() > MOST_SHOWN ? 1 : 0))
        .collect(joining(", "));
  }

  private String name() {
    return InputProblems.name(table.chunk(0));
  }

  /** Returns what the first file with any line tells; an empty list if it is no header. */
  private List<String> first() {
    for (int file = 0; file < table.files(); file++) {
      if (table.firstChunk(file) < table.firstChunk(file + 1)) {
        List<String> names = first(table.chunk(table.firstChunk(file)), file);
        if (names != null) {
          return names;
        }
      }
    }
    throw new TooLittleException("The input has no rows: all its files are empty.");
  }

  private List<String> first(Chunk chunk, int file) {
    try {
      if (format == RowFormat.PARQUET) {
        return ParquetRows.names(files, chunk);
      }
      try (Lines lines = new Lines(files.text(chunk, 0), 0, input.onInvalid(), null)) {
        return format == RowFormat.CSV
            ? names(new CsvRows(lines, 0).nextFields())
            : firstNames(lines);
      }
    } catch (BadRowException e) {
      if (!input.columns().isEmpty()) {
        return List.of();
      }
      throw new BadRow(new RowKey(file, 0), e.getMessage())
          .exception("the first line of " + InputProblems.name(chunk));
    } catch (IOException e) {
      throw unreadable(chunk, e);
    }
  }

  private static InputException unreadable(Chunk chunk, IOException e) {
    try {
      return InputProblems.reading(chunk, e);
    } catch (IOException again) {
      throw new UncheckedIOException(again);
    }
  }

  private List<String> firstNames(Lines lines) throws IOException, BadRowException {
    while (lines.advance()) {
      try {
        if (!lines.isBlank() && !SentenceRows.isDocumentStart(lines.text())) {
          return names(lines.text());
        }
      } catch (BadRowException e) {
        if (format.needsNames() || input.onBadRow() == OnBadRow.FAIL) {
          throw e;
        }
      }
    }
    return null;
  }

  private List<String> names(String line) throws BadRowException {
    if (format == RowFormat.TSV) {
      return names(LineRows.tabs(line));
    }
    if (format == RowFormat.JSONL) {
      return List.copyOf(LineRows.object(line).keySet());
    }
    int count = SentenceRows.blankSeparated(line).length;
    return count <= CONLL.size()
        ? CONLL.subList(0, count)
        : IntStream.rangeClosed(1, count).mapToObj(c -> "c" + c).toList();
  }

  /** Returns the fields of a first line as names; null if there is no line. */
  static List<String> names(String[] fields) {
    return fields == null ? null : Stream.of(fields).map(String::strip).toList();
  }
}
