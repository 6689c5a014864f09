// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.RowFormat;
import org.unroll.spark.rows.RowsInput;

/**
 * A request says what to prepare, and how.
 *
 * @param input where the text is and how it is written
 * @param columns of a table; nothing is chosen for text
 * @param wholeFiles whether a file of text is one row, rather than a line
 * @param out folder of the corpus
 * @param overwrite whether a corpus that is there is replaced, rather than added to
 * @param unit a tokenizer's full name, or that of byte pairs, which are learnt
 * @param vocabularySize most tokens of the vocabulary, 0 for no limit
 * @param minCount least occurrences of a token of the vocabulary
 * @param vocabulary a prepared corpus whose vocabulary to use, or null
 * @param kind how the shards are laid out
 * @param joint whether what rows have to read and what is to be written share their byte pairs
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
    Kind kind,
    boolean joint) {

  /**
   * Returns the one format of the files.
   *
   * @throws InputException if they are of several, or no text where whole files are asked for
   */
  RowFormat format(List<InputFile> files) {
    RowFormat format =
        kind == Kind.STREAM || !input.targets().isEmpty()
            ? RowFormat.ofText(input, files)
            : RowFormat.ofDocuments(input, files);
    if (wholeFiles && format != RowFormat.TEXT) {
      throw new InputException(
          "--whole-files is for text, but the input's format is " + format.word() + ".");
    }
    return wholeFiles ? RowFormat.FILE : format;
  }

  /**
   * Returns what must be the same for text that is added later, values as JSON has them.
   *
   * @param read the columns that are read
   * @param other the corpus whose vocabulary is used, or null
   */
  Map<String, Object> options(RowFormat format, ColumnChoice read, PreparedCorpus other) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("format", wholeFiles ? RowFormat.TEXT.word() : format.word());
    if (kind == Kind.DOCUMENTS || format != RowFormat.TEXT && format != RowFormat.FILE) {
      options.put("text", read.text().isEmpty() ? null : String.join(",", read.text()));
      options.put("label", read.label());
      options.put("id", read.id());
      options.put("columns", String.join(",", input.columns()));
    }
    if (kind == Kind.DOCUMENTS) {
      options.put("features", String.join(",", read.features()));
    }
    options.put("whole_files", wholeFiles);
    options.put("vocab_size", vocabularySize);
    String cut = other == null ? unit : other.description().unit();
    if (kind == Kind.DOCUMENTS && cut.equals(BpeTokenizer.NAME)) {
      options.put(PreparedCorpus.JOINT, other == null ? joint : other.requirePairs().isJoint());
      options.put("vocab_size", other == null ? vocabularySize : other.vocabularySize());
    }
    options.put("min_count", minCount);
    options.put("on_invalid", input.onInvalid().name().toLowerCase(Locale.ROOT));
    return options;
  }
}
