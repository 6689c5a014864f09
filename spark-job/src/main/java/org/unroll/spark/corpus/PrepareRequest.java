// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowFormat;
import org.unroll.spark.rows.RowsInput;

/**
 * A request says what to prepare, and how.
 *
 * @param input where the text is and how it is written
 * @param columns of a table; nothing is chosen for text
 * @param wholeFiles whether a file of text is one document, rather than a line
 * @param out folder of the corpus
 * @param overwrite whether a corpus that is there is replaced, rather than added to
 * @param unit a tokenizer's full name, or that of byte pairs, which are learnt
 * @param vocabularySize most tokens of the vocabulary, 0 for no limit
 * @param minCount least occurrences of a token of the vocabulary
 * @param vocabulary a prepared corpus whose vocabulary to use, or null
 * @param kind how the shards are laid out
 */
public record PrepareRequest(
    RowsInput input,
    ColumnChoice columns,
    boolean wholeFiles,
    String out,
    boolean overwrite,
    String unit,
    int vocabularySize,
    long minCount,
    String vocabulary,
    Kind kind) {

  /** Lines of text, prepared in the usual way. */
  public static PrepareRequest ofText(
      List<String> inputs, String out, String unit, int vocabularySize, Kind kind) {
    ColumnChoice columns =
        new ColumnChoice(List.of(), List.of(), null, null, LabelKind.NONE, false);
    return new PrepareRequest(
        RowsInput.of(inputs), columns, false, out, false, unit, vocabularySize, 1, null, kind);
  }

  /** Returns the same request over a corpus that may be there. */
  public PrepareRequest overwriting() {
    return new PrepareRequest(
        input, columns, wholeFiles, out, true, unit, vocabularySize, minCount, vocabulary, kind);
  }

  /** Returns what must be the same for text that is added later, values as JSON has them. */
  Map<String, Object> options(RowFormat format) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("format", format.word());
    if (format != RowFormat.TEXT) {
      options.put("text", columns.text().isEmpty() ? null : columns.text().get(0));
      options.put("label", columns.label());
      options.put("id", columns.id());
      options.put("columns", String.join(",", input.columns()));
    }
    options.put("whole_files", wholeFiles);
    options.put("vocab_size", vocabularySize);
    options.put("min_count", minCount);
    options.put("on_invalid", input.onInvalid().name().toLowerCase(Locale.ROOT));
    return options;
  }
}
