// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.rows.DocumentColumns;
import org.unroll.spark.rows.InputFormat;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/**
 * What to prepare, and how.
 *
 * @param inputs files, folders or patterns
 * @param out folder of the corpus
 * @param overwrite whether a corpus that is there is replaced, rather than added to
 * @param format of all files; null to tell it from their names
 * @param columns of a table; null for text
 * @param columnNames of CSV and TSV without a header; empty with one
 * @param multiline whether quoted values of CSV may hold newlines
 * @param wholeFiles whether a file of text is one document, rather than a line
 * @param unit a tokenizer's full name, or that of byte pairs, which are learnt
 * @param vocabularySize most tokens of the vocabulary, 0 for no limit
 * @param minCount least occurrences of a token of the vocabulary
 * @param vocabulary a prepared corpus whose vocabulary to use, or null
 * @param kind how the shards are laid out
 * @param onInvalid what happens to bytes that are no UTF-8 and to rows without a text
 */
public record PrepareRequest(
    List<String> inputs,
    String out,
    boolean overwrite,
    InputFormat format,
    DocumentColumns columns,
    List<String> columnNames,
    boolean multiline,
    boolean wholeFiles,
    String unit,
    int vocabularySize,
    long minCount,
    String vocabulary,
    Kind kind,
    OnInvalid onInvalid) {

  public PrepareRequest {
    inputs = List.copyOf(inputs);
    columnNames = List.copyOf(columnNames);
  }

  /** Lines of text, prepared in the usual way. */
  public static PrepareRequest ofText(
      List<String> inputs, String out, String unit, int vocabularySize, Kind kind) {
    return new PrepareRequest(
        inputs,
        out,
        false,
        null,
        null,
        List.of(),
        false,
        false,
        unit,
        vocabularySize,
        1,
        null,
        kind,
        OnInvalid.FAIL);
  }

  /** The same, over a corpus that may be there. */
  public PrepareRequest overwriting() {
    return new PrepareRequest(
        inputs,
        out,
        true,
        format,
        columns,
        columnNames,
        multiline,
        wholeFiles,
        unit,
        vocabularySize,
        minCount,
        vocabulary,
        kind,
        onInvalid);
  }

  /** What must be the same for text that is added later, values as JSON has them. */
  Map<String, Object> options(InputFormat found) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("format", found.name().toLowerCase(Locale.ROOT));
    if (columns != null) {
      options.put("text", columns.text());
      options.put("label", columns.label());
      options.put("id", columns.id());
      options.put("columns", String.join(",", columnNames));
      options.put("multiline", multiline);
    }
    options.put("whole_files", wholeFiles);
    options.put("vocab_size", vocabularySize);
    options.put("min_count", minCount);
    options.put("on_invalid", onInvalid.name().toLowerCase(Locale.ROOT));
    return options;
  }
}
