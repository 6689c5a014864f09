// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowReader.BadRowException;
import org.unroll.spark.rows.RowReader.RawRow;

/** Makes rows of the values of records, and refuses those that cannot be rows. */
final class RowAssembler implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private final ColumnChoice columns;
  private final TextSplitter splitter;
  private final int[] text;
  private final int[] features;
  private final int label;
  private final int id;

  /**
   * A maker of rows.
   *
   * @param columns that rows are made of
   * @param available names of the values that rows come with
   * @param splitter for text that is not yet tokens
   */
  RowAssembler(ColumnChoice columns, List<String> available, TextSplitter splitter) {
    this.columns = columns;
    this.splitter = splitter;
    this.text = columns.text().stream().mapToInt(available::indexOf).toArray();
    this.features = columns.features().stream().mapToInt(available::indexOf).toArray();
    this.label = index(available, columns.label());
    this.id = index(available, columns.id());
  }

  private static int index(List<String> available, String column) {
    return column == null ? -1 : available.indexOf(column);
  }

  /** Returns the row of a record of a file. */
  SequenceRow row(int file, RawRow raw) throws BadRowException {
    try {
      return assemble(new RowKey(file, raw.position()), raw.values());
    } catch (BadRowException e) {
      throw e.at(raw.position());
    }
  }

  private SequenceRow assemble(RowKey key, Object[] values) throws BadRowException {
    String[][] tokens = new String[text.length][];
    for (int c = 0; c < text.length; c++) {
      tokens[c] = tokens(values[text[c]], columns.text().get(c));
    }
    Frames frames =
        features.length == 0
            ? new Frames(new float[0], 0)
            : Frames.of(columns.features(), pick(values), columns.missing());
    int steps = requireSameLength(tokens, frames);
    Object labelValue = label < 0 ? null : values[label];
    return new SequenceRow(
        key,
        id < 0 ? null : name(values[id]),
        tokens,
        frames.values(),
        frames.channels(),
        columns.labelKind() == LabelKind.CLASS ? label(labelValue, columns.label()) : null,
        columns.labelKind() == LabelKind.STEPS
            ? stepLabels(labelValue, columns.label(), steps)
            : null,
        columns.labelKind() == LabelKind.NUMBERS ? targets(labelValue, columns.label()) : null);
  }

  private Object[] pick(Object[] values) {
    Object[] picked = new Object[features.length];
    for (int c = 0; c < picked.length; c++) {
      picked[c] = values[features[c]];
    }
    return picked;
  }

  /** Returns the tokens of a value: text is cut; what comes as a list or by step already is. */
  private String[] tokens(Object value, String column) throws BadRowException {
    if (value == null) {
      throw new BadRowException("it has no value in column '" + column + "'");
    }
    if (value instanceof String[] steps) {
      return steps;
    }
    if (value instanceof List<?> list) {
      List<String> tokens = new ArrayList<>(list.size());
      for (Object token : list) {
        if (token == null || token instanceof List<?>) {
          throw new BadRowException("its column '" + column + "' is no plain list of tokens");
        }
        tokens.add(text(token));
      }
      return tokens.toArray(String[]::new);
    }
    return splitter.split(text(value)).toArray(String[]::new);
  }

  /** Returns the number of steps T, which all columns must have. */
  private int requireSameLength(String[][] tokens, Frames frames) throws BadRowException {
    int steps = features.length > 0 ? frames.steps() : tokens[0].length;
    for (int c = 0; c < tokens.length; c++) {
      if (tokens[c].length != steps) {
        String other =
            features.length > 0
                ? "the features have " + steps + " steps"
                : "column '" + columns.text().get(0) + "' has " + steps;
        throw new BadRowException(
            "column '%s' has %s tokens, but %s"
                .formatted(columns.text().get(c), tokens[c].length, other));
      }
    }
    if (steps == 0) {
      throw new BadRowException("its sequence is empty");
    }
    return steps;
  }

  /** Returns the name of a row; null where there is none, so that it goes by its number. */
  private static String name(Object value) throws BadRowException {
    String name = value == null ? "" : text(value);
    return name.isBlank() ? null : name;
  }

  /** Returns the label of a whole sequence. */
  private static String label(Object value, String column) throws BadRowException {
    if (value instanceof List<?> || value instanceof String[]) {
      throw new BadRowException(
          "its label (column '" + column + "') is a list, but the sequence has one label");
    }
    String label = value == null ? "" : text(value);
    if (label.isBlank()) {
      throw unlabelled(column);
    }
    return label;
  }

  /** Returns a label for each of T steps. */
  private static String[] stepLabels(Object value, String column, int steps)
      throws BadRowException {
    String[] labels = labels(value, column);
    if (labels.length != steps) {
      throw new BadRowException(
          "it has %s labels (column '%s') for %s steps".formatted(labels.length, column, steps));
    }
    for (int t = 0; t < steps; t++) {
      if (labels[t].isBlank()) {
        throw new BadRowException("step %s has no label (column '%s')".formatted(t + 1, column));
      }
    }
    return labels;
  }

  private static String[] labels(Object value, String column) throws BadRowException {
    if (value instanceof String[] labels) {
      return labels;
    }
    if (value instanceof List<?> list) {
      String[] labels = new String[list.size()];
      for (int t = 0; t < labels.length; t++) {
        labels[t] = list.get(t) == null ? "" : text(list.get(t));
      }
      return labels;
    }
    if (value == null || value.toString().isBlank()) {
      throw unlabelled(column);
    }
    return BLANKS.split(value.toString().strip());
  }

  /** Returns the number, or the numbers, that are to be predicted. */
  private static float[] targets(Object value, String column) throws BadRowException {
    if (value == null) {
      throw unlabelled(column);
    }
    Frames frames = Frames.of(List.of(column), new Object[] {value}, false);
    if (frames.values().length == 0) {
      throw unlabelled(column);
    }
    return frames.values();
  }

  private static BadRowException unlabelled(String column) {
    return new BadRowException("it has no label (column '" + column + "')");
  }

  /**
   * Returns a value as text: whole numbers without a fraction, lists with blanks between their
   * elements.
   */
  static String text(Object value) throws BadRowException {
    if (value instanceof Map<?, ?>) {
      throw new BadRowException("it has an object where a text, a number or a list must be");
    }
    if (value instanceof String[] steps) {
      return String.join(" ", steps);
    }
    if (value instanceof List<?> list) {
      StringJoiner joined = new StringJoiner(" ");
      for (Object element : list) {
        joined.add(element == null ? "" : text(element));
      }
      return joined.toString();
    }
    return value instanceof Number ? canonical(value.toString()) : value.toString();
  }

  /** Returns a whole number without fraction and exponent, and anything else as it is. */
  static String canonical(String text) {
    try {
      BigDecimal number = new BigDecimal(text).stripTrailingZeros();
      return number.scale() <= 0 && number.precision() - number.scale() <= 18
          ? number.toBigInteger().toString()
          : text;
    } catch (NumberFormatException e) {
      return text;
    }
  }
}
