// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** How the rows of a file are written. */
public enum SequenceFormat {
  /** A text each line. */
  TEXT("txt", "text"),
  /** Columns between tabs, without quotes: a row ends at a newline and nowhere else. */
  TSV("tsv", "tab"),
  /** Columns between commas, quoted as in RFC 4180; a quoted value may hold newlines. */
  CSV("csv"),
  /** A JSON object each line. */
  JSONL("jsonl", "ndjson"),
  /** Columns of texts, numbers, and arrays of them. */
  PARQUET("parquet"),
  /** A token each line, columns between blanks or tabs, a blank line between sentences. */
  CONLL("conll", "iob", "iob2", "bio"),
  /** Universal Dependencies' CoNLL-U: ten columns, comments, multiword tokens, empty nodes. */
  CONLLU("conllu"),
  /** Series of sktime and the UEA archive: channels between colons, {@code @} header lines. */
  TS("ts"),
  /** Series of the UCR archive: a class and then the samples, between blanks, tabs or commas. */
  UCR("ucr");

  private static final Pattern PACKED = Pattern.compile("\\.(gz|bz2|zst|deflate)$");

  private final Set<String> endings;

  SequenceFormat(String... endings) {
    this.endings = Set.of(endings);
  }

  /** The format that a file's name tells, looking through {@code .gz} and the like. */
  public static Optional<SequenceFormat> guess(String name) {
    String plain = PACKED.matcher(name.toLowerCase(Locale.ROOT)).replaceFirst("");
    String ending = plain.substring(plain.lastIndexOf('.') + 1);
    return List.of(values()).stream().filter(f -> f.endings.contains(ending)).findFirst();
  }

  /** The name as it is typed. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a row gives one value for each step in every column. */
  boolean isSentences() {
    return this == CONLL || this == CONLLU;
  }

  /** Whether the columns of a file have names that only the user or a header line can tell. */
  boolean needsNames() {
    return this == TSV || this == CSV;
  }
}
