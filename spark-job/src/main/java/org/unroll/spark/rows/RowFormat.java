// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.unroll.rnn.io.InputException;

/** A format is a way of writing rows into files. */
public enum RowFormat {
  /** Each line is a text. */
  TEXT("txt", "text"),
  /** Each file is a text. */
  FILE(),
  /** Tabs part columns, and quotes are text: a row ends at a newline and nowhere else. */
  TSV("tsv", "tab"),
  /** Commas part columns, quoted as in RFC 4180; a quoted value may hold newlines. */
  CSV("csv"),
  /** Each line is a JSON object. */
  JSONL("jsonl", "ndjson"),
  /** Parquet files have columns of texts, numbers, and lists of them. */
  PARQUET("parquet"),
  /** Each line is a token, with columns between blanks or tabs; a blank line ends a sentence. */
  CONLL("conll", "iob", "iob2", "bio"),
  /** CoNLL-U of Universal Dependencies has ten columns, comments and tokens that are no words. */
  CONLLU("conllu"),
  /** Series of sktime and the UEA archive have channels between colons, behind a header. */
  TS("ts"),
  /** Series of the UCR archive have a class and then samples, between blanks, tabs or commas. */
  UCR("ucr");

  private static final Pattern PACKED = Pattern.compile("\\.(gz|gzip|bz2|zst|deflate)$");

  private final Set<String> endings;

  RowFormat(String... endings) {
    this.endings = Set.of(endings);
  }

  /** Returns the format that a file's name tells, looking through {@code .gz}; null for none. */
  public static RowFormat guess(String name) {
    String plain = PACKED.matcher(name.toLowerCase(Locale.ROOT)).replaceFirst("");
    String ending = plain.substring(plain.lastIndexOf('.') + 1);
    return List.of(values()).stream()
        .filter(format -> format.endings.contains(ending))
        .findFirst()
        .orElse(null);
  }

  /**
   * Returns the one format of several files: the one that was named, or else the one that all their
   * names tell.
   *
   * @throws InputException if a name tells none, or they tell more than one
   */
  static RowFormat of(RowsInput input, List<InputFile> files) {
    return of(input, files, told -> told);
  }

  /**
   * Returns the one format of files whose rows are prepared, which are text where their names tell
   * nothing else.
   *
   * @throws InputException if the names tell more than one
   */
  public static RowFormat ofDocuments(RowsInput input, List<InputFile> files) {
    return of(input, files, told -> told == null ? TEXT : told);
  }

  /**
   * Returns the one format of files with a text, which are text where their names tell nothing else
   * that has one.
   *
   * @throws InputException if the names tell more than one
   */
  public static RowFormat ofText(RowsInput input, List<InputFile> files) {
    return of(input, files, told -> told == null || told.isSeries() ? TEXT : told);
  }

  private static RowFormat of(
      RowsInput input, List<InputFile> files, UnaryOperator<RowFormat> meaning) {
    if (input.format() != null) {
      return input.format();
    }
    RowFormat first = null;
    for (InputFile file : files) {
      RowFormat told = guess(file.name());
      RowFormat format = meaning.apply(input.like() == null ? told : input.like().of(told));
      if (format == null) {
        throw new InputException(
            ("The name of the input file %s does not tell its format. Name it with --format "
                    + "text, tsv, csv, jsonl, parquet, conll, conllu, ts or ucr.")
                .formatted(file.name()));
      }
      first = first == null ? format : first;
      if (format != first) {
        throw new InputException(
            ("The input has files of different formats: %s is %s by its name, %s is %s. Read "
                    + "them apart, or name the format of all with --format.")
                .formatted(files.get(0).name(), first.word(), file.name(), format.word()));
      }
    }
    return first;
  }

  /** Returns the name as it is typed. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns whether a row gives one value for each step in every column. */
  public boolean isSentences() {
    return this == CONLL || this == CONLLU;
  }

  /** Returns whether rows have columns with names, as many as somebody likes. */
  boolean isTable() {
    return needsNames() || this == JSONL || this == PARQUET;
  }

  /** Returns whether a row is a series of numbers and what it is labelled with. */
  boolean isSeries() {
    return this == TS || this == UCR;
  }

  /** Returns whether only the user or a header line can tell the names of the columns. */
  boolean needsNames() {
    return this == TSV || this == CSV;
  }
}
