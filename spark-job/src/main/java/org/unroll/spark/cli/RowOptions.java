// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowFormat;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;
import picocli.CommandLine.Option;

/** The options that say how the rows of inputs are written, and which of their columns are read. */
@OptionRule.Group(value = "Rows", settings = false)
final class RowOptions {
  /** What inputs may be, as descriptions say it behind what they have. */
  static final String FILES =
      ": a file, directory or glob on any Hadoop file system, .gz too; repeatable";

  @Option(
      names = "--format",
      description =
          "text (a row a line), file (a row a file), tsv, csv, jsonl, parquet, conll, conllu, ts"
              + " (sktime) or ucr (default: told by the files' names, whether packed or not; text"
              + " where they tell nothing, for lm, embed and prepare).")
  RowFormat format;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "NAMES",
      description =
          "Names of the columns of tsv, csv and conll files, as in label,rating,id,text (default:"
              + " those of the header; for conll word,pos,chunk,ner, as many as there are).")
  List<String> columns = new ArrayList<>();

  @Option(
      names = "--header",
      negatable = true,
      description =
          "Whether the first line of each tsv or csv file names its columns (default: it does if it"
              + " holds the names that --text, --features, --label and --id ask for, or the usual"
              + " ones, or just those of --columns).")
  Boolean header;

  @Option(
      names = "--text",
      split = ",",
      paramLabel = "COLUMNS",
      description =
          "Columns of tokens: text, or lists of tokens (default: the column text if there is one;"
              + " the first of conll, form of conllu; observations,actions of the task state, which"
              + " reads actions beside observations, and actions alone with --features).")
  List<String> text = new ArrayList<>();

  @Option(
      names = "--features",
      split = ",",
      paramLabel = "COLUMNS",
      description =
          "Columns of numbers: lists, of a number or of all channels for each step; names of files"
              + " of NumPy (.npy); or a column for each step (default: the column features, unless there is text).")
  @OptionRule(notTasks = TaskName.LM)
  List<String> features = new ArrayList<>();

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description =
          "What is to be learnt (default: label; the last column of conll, upos of conllu).")
  @OptionRule(notTasks = {TaskName.LM, TaskName.STATE})
  String label;

  @Option(
      names = "--id",
      paramLabel = "COLUMN",
      description = "Names of the rows (default: the column id if there is one).")
  @OptionRule(notTasks = TaskName.LM)
  String id;

  @Option(
      names = "--on-invalid",
      paramLabel = "ACTION",
      description =
          "What becomes of bytes that are no UTF-8: fail makes a bad row of the line, replace puts"
              + " U+FFFD in the place of each; for prepare also of rows without text, which"
              + " replace takes as empty.")
  OnInvalid onInvalid = OnInvalid.FAIL;

  @Option(
      names = "--on-bad-row",
      paramLabel = "ACTION",
      description =
          "What becomes of a row that cannot be used: fail ends the command and names its line,"
              + " skip leaves it out and counts it.")
  OnBadRow onBadRow = OnBadRow.FAIL;

  /** Refuses options that say nothing to embed, which reads a column of text alone. */
  void requireText() {
    if (text.size() > 1 || !features.isEmpty() || label != null || id != null) {
      throw new InputException(
          "embed reads one column of text: name it with --text, and leave --features, --label and"
              + " --id out.");
    }
  }

  /** Returns the description of these files. */
  RowsInput input(List<String> paths) {
    return new RowsInput(paths, format, columns, header, onInvalid, onBadRow);
  }

  /** Returns the columns for who learns nothing from a label. */
  ColumnChoice choice() {
    return choice(LabelKind.NONE, false);
  }

  /**
   * Returns the columns, for a task.
   *
   * @param labels what it takes from the label column
   * @param missing whether it can do with missing numbers
   */
  ColumnChoice choice(LabelKind labels, boolean missing) {
    return new ColumnChoice(text, features, label, id, labels, missing);
  }
}
