// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.Locale;
import java.util.regex.Pattern;

/** What the files of an input are. */
public enum InputFormat {
  /** Lines of text, or whole files of it. */
  TEXT,
  /** Values between commas, some in double quotes (RFC 4180). */
  CSV,
  /** Values between tabs; quotes are text like any other. */
  TSV,
  /** A JSON object in each line. */
  JSONL,
  /** Parquet. */
  PARQUET;

  private static final Pattern PACKED = Pattern.compile("\\.(gz|gzip|bz2|zst|deflate)$");

  /** What the name of a file says, with the ending of a compressed one looked through. */
  public static InputFormat guess(String name) {
    String plain = PACKED.matcher(name.toLowerCase(Locale.ROOT)).replaceFirst("");
    String ending = plain.substring(plain.lastIndexOf('.') + 1);
    return switch (ending) {
      case "csv" -> CSV;
      case "tsv" -> TSV;
      case "jsonl", "ndjson" -> JSONL;
      case "parquet" -> PARQUET;
      default -> TEXT;
    };
  }

  /** Whether the files have rows with columns. */
  public boolean isTable() {
    return this != TEXT;
  }

  /** Whether the values have no names but those of a header or of the person. */
  public boolean isDelimited() {
    return this == CSV || this == TSV;
  }
}
