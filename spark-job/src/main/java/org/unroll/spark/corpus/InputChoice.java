// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Source;
import org.unroll.spark.rows.ChunkFiles;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.DocumentReader;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputFormat;
import org.unroll.spark.rows.TableRowReader;
import org.unroll.spark.rows.TableSpec;

/** The files of a run, and how they are read. */
final class InputChoice {
  private final PrepareRequest request;
  private final InputFormat format;
  private final List<InputFile> listed;
  private final ChunkFiles files;
  private final ChunkTable table;

  InputChoice(
      PrepareRequest request,
      InputFormat format,
      List<InputFile> listed,
      long chunkBytes,
      Configuration conf) {
    this.request = request;
    this.format = format;
    this.listed = listed;
    this.files = new ChunkFiles(conf);
    boolean whole = request.wholeFiles() || request.multiline();
    this.table = new ChunkTable(listed, chunkBytes, whole);
  }

  /**
   * The format that was named, or that of the files' names.
   *
   * @throws InputException if they are of several, or columns are missing or out of place
   */
  static InputFormat format(PrepareRequest request, List<InputFile> files) {
    InputFormat format = request.format();
    if (format == null) {
      format = InputFormat.guess(files.get(0).path());
      for (InputFile file : files) {
        InputFormat other = InputFormat.guess(file.path());
        if (other != format) {
          throw new InputException(
              "The input has files of several formats: "
                  + files.get(0).name()
                  + " is "
                  + name(format)
                  + " and "
                  + file.name()
                  + " is "
                  + name(other)
                  + " by its name. Prepare them apart, or say with --format what they all are.");
        }
      }
    }
    if (format.isTable() && request.columns() == null) {
      throw new InputException(
          "The input is " + name(format) + ": name its column of text, as in --text review.");
    }
    if (!format.isTable() && request.columns() != null) {
      throw new InputException(
          "The input is text, which has no columns: leave out --text, or say with --format what it"
              + " is.");
    }
    if (!format.isDelimited() && !request.columnNames().isEmpty()) {
      throw new InputException(
          "--columns names those of CSV and TSV, but the input is " + name(format) + ".");
    }
    if (format != InputFormat.CSV && request.multiline()) {
      throw new InputException("--multiline is for CSV, but the input is " + name(format) + ".");
    }
    if (format.isTable() && request.wholeFiles()) {
      throw new InputException("--whole-files is for text, but the input is " + name(format) + ".");
    }
    return format;
  }

  private static String name(InputFormat format) {
    return format == InputFormat.TEXT ? "text" : format.name().toUpperCase(Locale.ROOT);
  }

  InputFormat format() {
    return format;
  }

  List<InputFile> listed() {
    return listed;
  }

  ChunkFiles files() {
    return files;
  }

  /** Opens the files' documents. */
  DocumentReader reader() {
    if (!format.isTable()) {
      return new DocumentReader(table, files, request.onInvalid(), request.wholeFiles());
    }
    TableSpec spec =
        new TableSpec(
            format, request.columnNames(), request.multiline(), request.columns().wanted());
    TableRowReader rows = new TableRowReader(files, spec, request.onInvalid());
    return new DocumentReader(table, files, request.onInvalid(), rows, request.columns());
  }

  /** The files as the corpus remembers them. */
  List<Source> sources(List<ChunkCounts> chunks) {
    List<Source> sources = new ArrayList<>();
    for (int f = 0; f < listed.size(); f++) {
      InputFile file = listed.get(f);
      var digest = ContentHash.digest();
      for (int c = table.firstChunk(f); c < table.firstChunk(f + 1); c++) {
        digest.update(chunks.get(c).digest());
      }
      String hash = HexFormat.of().formatHex(digest.digest());
      sources.add(new Source(file.path(), file.name(), file.bytes(), file.modified(), hash));
    }
    return sources;
  }
}
