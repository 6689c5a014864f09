// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.RowsInput.OnBadRow;

/**
 * The columns that a person chose, and what the task wants of them.
 *
 * @param text columns of tokens; empty with {@code features} to take those the input has
 * @param features columns of numbers
 * @param label null for the usual one of the format
 * @param id null for the column {@code id} if there is one
 * @param labelKind what the task takes from the label column
 * @param missing whether the task can do with missing numbers
 * @param slices columns whose values part the rows, of which some may be in the paths of files
 */
public record ColumnChoice(
    List<String> text,
    List<String> features,
    String label,
    String id,
    LabelKind labelKind,
    boolean missing,
    List<String> slices)
    implements Serializable {

  /** The things that a task can take from the label column. */
  public enum LabelKind {
    /** The column is not read and need not be there. */
    NONE,
    /** As none, of rows that predict wrote: what a model said may be nothing. */
    ANSWERED,
    /** The column has a class, or a text, for the whole sequence. */
    CLASS,
    /** The column has a text, or a list of texts that are equally right. */
    TEXTS,
    /** The column has a label for each step. */
    STEPS,
    /** The column has one number or several. */
    NUMBERS,
    /** Whatever the column has is kept, if there is one. */
    ANY,
    /** What the format has usually: labels by step, a class if there is such a column, or none. */
    USUAL
  }

  /** The usual column of text alone. */
  public static final ColumnChoice USUAL_TEXT =
      new ColumnChoice(List.of(), List.of(), null, null, LabelKind.NONE, false);

  static final String TEXT = "text";
  private static final String FEATURES = "features";
  static final String LABEL = "label";
  private static final String PREDICTION = "prediction";
  private static final String ID = "id";

  /** The names that columns have where nobody says otherwise. */
  static final List<String> USUAL = List.of(TEXT, FEATURES, LABEL, ID);

  public ColumnChoice {
    text = List.copyOf(text);
    features = List.copyOf(features);
    slices = List.copyOf(slices);
  }

  /** Makes a choice of columns that part nothing. */
  public ColumnChoice(
      List<String> text,
      List<String> features,
      String label,
      String id,
      LabelKind labelKind,
      boolean missing) {
    this(text, features, label, id, labelKind, missing, List.of());
  }

  /** Returns the same columns, with others whose values part the rows. */
  public ColumnChoice slicedBy(List<String> columns) {
    return new ColumnChoice(text, features, label, id, labelKind, missing, columns);
  }

  /** Returns the same columns with others of tokens. */
  public ColumnChoice of(List<String> others) {
    return new ColumnChoice(others, features, label, id, labelKind, missing, slices);
  }

  /** Returns the same columns for another task. */
  public ColumnChoice with(LabelKind kind, boolean missingNumbers) {
    return new ColumnChoice(text, features, label, id, kind, missingNumbers, slices);
  }

  /** Returns the names that were asked for, or those that this choice came to. */
  List<String> names() {
    List<String> names = new ArrayList<>(text);
    names.addAll(features);
    if (label != null) {
      names.add(label);
    }
    if (id != null) {
      names.add(id);
    }
    return names.stream().distinct().toList();
  }

  /**
   * Returns the choice with the names of all columns that are read.
   *
   * @param available what the input has, or for JSON lines what its first row has
   * @param onBadRow whether JSON objects may lack fields, which no row tells of the others
   * @throws InputException if a column is not there, naming those that are
   */
  ColumnChoice among(RowFormat format, List<String> available, OnBadRow onBadRow) {
    Available columns = new Available(format, available, onBadRow);
    boolean named = !text.isEmpty() || !features.isEmpty();
    if (labelKind == LabelKind.USUAL) {
      ColumnChoice usual =
          named || columns.hasUsual()
              ? with(columns.usualKind(label), missing)
              : columns.answers(this);
      return usual.among(format, available, onBadRow);
    }
    List<String> texts = named ? text : columns.usualText();
    List<String> numbers = texts.isEmpty() && features.isEmpty() ? List.of(FEATURES) : features;
    texts.forEach(column -> columns.require(column, "--text"));
    numbers.forEach(
        column ->
            columns.require(column, features.isEmpty() ? "--text or --features" : "--features"));
    String labels = null;
    if (labelKind != LabelKind.NONE && labelKind != LabelKind.ANSWERED) {
      labels = label == null ? columns.usualLabel() : label;
      if (labelKind == LabelKind.ANY && label == null && !available.contains(labels)) {
        labels = null;
      } else {
        columns.require(labels, "--label or --probe");
      }
    }
    return new ColumnChoice(texts, numbers, labels, columns.id(id), labelKind, missing, slices);
  }

  /**
   * Returns the choice for a run of text: one column of it.
   *
   * @param available what the input has, or for JSON lines what its first row has
   * @throws InputException if a column is not there, naming those that are
   */
  ColumnChoice ofText(RowFormat format, List<String> available, OnBadRow onBadRow) {
    Available columns = new Available(format, available, onBadRow);
    List<String> texts = text.isEmpty() ? columns.usualText() : text;
    String column = texts.isEmpty() ? TEXT : texts.get(0);
    columns.require(column, "--text");
    if (label != null) {
      columns.require(label, "--label");
    }
    if (id != null) {
      columns.require(id, "--id");
    }
    return new ColumnChoice(List.of(column), List.of(), null, null, LabelKind.NONE, missing);
  }

  /** The columns that an input has, from which a choice is made. */
  private record Available(RowFormat format, List<String> names, OnBadRow onBadRow) {

    List<String> usualText() {
      return switch (format) {
        case CONLLU -> List.of("form");
        case CONLL -> List.of(names.get(0));
        default -> names.contains(TEXT) ? List.of(TEXT) : List.of();
      };
    }

    /** Returns whether there is a column that is read where none is named. */
    boolean hasUsual() {
      return !usualText().isEmpty() || names.contains(FEATURES);
    }

    /** Returns the columns that predict writes, as far as they are here and go together. */
    ColumnChoice answers(ColumnChoice asked) {
      List<String> numbers =
          Stream.of(
                  List.of("probability"), List.of("state"), List.of("tokens", "loss", "perplexity"))
              .map(some -> some.stream().filter(names::contains).toList())
              .filter(some -> !some.isEmpty())
              .findFirst()
              .orElse(List.of());
      boolean prediction = names.contains(PREDICTION);
      List<String> texts = prediction && numbers.isEmpty() ? List.of(PREDICTION) : List.of();
      boolean classes = prediction && numbers.contains("probability") && asked.label() == null;
      String label = classes ? PREDICTION : asked.label();
      LabelKind kind = usualKind(label) == LabelKind.NONE ? LabelKind.ANSWERED : usualKind(label);
      return new ColumnChoice(texts, numbers, label, asked.id(), kind, true, asked.slices());
    }

    /** Returns the kind of labels where none is named. */
    LabelKind usualKind(String asked) {
      if (format.isSentences()) {
        return LabelKind.STEPS;
      }
      return asked != null || names.contains(LABEL) ? LabelKind.CLASS : LabelKind.NONE;
    }

    String usualLabel() {
      return switch (format) {
        case CONLLU -> "upos";
        case CONLL -> names.get(names.size() - 1);
        default -> LABEL;
      };
    }

    String id(String asked) {
      if (asked != null) {
        require(asked, "--id");
        return asked;
      }
      return names.contains(ID) && format != RowFormat.CONLLU ? ID : null;
    }

    void require(String column, String option) {
      boolean sparse = format == RowFormat.JSONL && onBadRow == OnBadRow.SKIP;
      if (!names.contains(column) && !sparse) {
        throw new InputException(
            "The input has no column '%s' (%s). It has %s."
                .formatted(column, option, String.join(", ", names)));
      }
    }
  }
}
