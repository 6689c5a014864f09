// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.io.InputException;

/**
 * The columns that a person chose, and what the task wants of them.
 *
 * @param text columns of tokens; empty with {@code features} to take those the input has
 * @param features columns of numbers
 * @param label null for the usual one of the format
 * @param id null for the column {@code id} if there is one
 * @param labelKind what the task takes from the label column
 * @param missing whether the task can do with missing numbers
 */
public record ColumnChoice(
    List<String> text,
    List<String> features,
    String label,
    String id,
    LabelKind labelKind,
    boolean missing)
    implements Serializable {

  private static final String TEXT = "text";
  private static final String FEATURES = "features";
  private static final String LABEL = "label";
  private static final String ID = "id";

  public ColumnChoice {
    text = List.copyOf(text);
    features = List.copyOf(features);
  }

  /**
   * Returns the columns to read, all by their names.
   *
   * @param available what the input has, or for JSON lines what its first row has
   * @param onBadRow whether JSON objects may lack fields, which no row tells of the others
   * @throws InputException if a column is not there, naming those that are
   */
  ColumnChoice among(SequenceFormat format, List<String> available, OnBadRow onBadRow) {
    boolean sparse = format == SequenceFormat.JSONL && onBadRow == OnBadRow.SKIP;
    List<String> texts = text;
    if (text.isEmpty() && features.isEmpty()) {
      texts = usualText(format, available);
    }
    List<String> numbers = features;
    if (texts.isEmpty() && features.isEmpty()) {
      require(sparse, available, FEATURES, "--text or --features");
      numbers = List.of(FEATURES);
    }
    texts.forEach(column -> require(sparse, available, column, "--text"));
    numbers.forEach(column -> require(sparse, available, column, "--features"));
    String labels = labelKind == LabelKind.NONE ? null : labelColumn(format, sparse, available);
    String ids = idColumn(format, sparse, available);
    return new ColumnChoice(texts, numbers, labels, ids, labelKind, missing);
  }

  /** Returns the names of all columns that are read. */
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

  private String idColumn(SequenceFormat format, boolean sparse, List<String> available) {
    if (id != null) {
      require(sparse, available, id, "--id");
      return id;
    }
    return available.contains(ID) && format != SequenceFormat.CONLLU ? ID : null;
  }

  private static List<String> usualText(SequenceFormat format, List<String> available) {
    return switch (format) {
      case CONLLU -> List.of("form");
      case CONLL -> List.of(available.get(0));
      default -> available.contains(TEXT) ? List.of(TEXT) : List.of();
    };
  }

  private String labelColumn(SequenceFormat format, boolean sparse, List<String> available) {
    String usual =
        switch (format) {
          case CONLLU -> "upos";
          case CONLL -> available.get(available.size() - 1);
          default -> LABEL;
        };
    String column = label == null ? usual : label;
    require(sparse, available, column, "--label or --probe");
    return column;
  }

  private static void require(
      boolean sparse, List<String> available, String column, String option) {
    if (!available.contains(column) && !sparse) {
      throw new InputException(
          "The input has no column '"
              + column
              + "' ("
              + option
              + "). It has "
              + String.join(", ", available)
              + ".");
    }
  }
}
