// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowReader.BadRowException;
import org.unroll.spark.rows.RowReader.RawRow;

/** Makes rows of the values of records, and refuses those that cannot be rows. */
public final class RowAssembler implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Frames NO_FRAMES = new Frames(new float[0], 0);
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private final ColumnChoice columns;
  private final TextSplitter splitter;
  private final int[] text;
  private final int[] features;
  private final int label;
  private final int id;
  private final SliceColumns slices;

  /**
   * A maker of rows.
   *
   * @param columns that rows are made of
   * @param available names of the values that rows come with
   * @param splitter for text that is not yet tokens
   * @param slices where the values are that part rows
   */
  RowAssembler(
      ColumnChoice columns, List<String> available, TextSplitter splitter, SliceColumns slices) {
    this.columns = columns;
    this.splitter = splitter;
    this.text = columns.text().stream().mapToInt(available::indexOf).toArray();
    this.features = columns.features().stream().mapToInt(available::indexOf).toArray();
    this.label = index(available, columns.label());
    this.id = index(available, columns.id());
    this.slices = slices;
  }

  private static int index(List<String> available, String column) {
    return column == null ? -1 : available.indexOf(column);
  }

  /**
   * Returns the row of a record of a file.
   *
   * @param path of the file
   */
  SequenceRow row(int file, String path, RawRow raw) throws BadRowException {
    try {
      SequenceRow row = assemble(new RowKey(file, raw.position()), path, raw.values());
      return columns.slices().isEmpty() ? row : row.sliced(slices.of(file, raw.values()));
    } catch (BadRowException e) {
      throw e.at(raw.position());
    }
  }

  private SequenceRow assemble(RowKey key, String path, Object[] values) throws BadRowException {
    String[][] tokens = new String[text.length][];
    for (int c = 0; c < text.length; c++) {
      tokens[c] = tokens(values[text[c]], columns.text().get(c));
    }
    Frames frames =
        features.length == 0
            ? NO_FRAMES
            : Frames.of(path, columns.features(), pick(values), columns.missing());
    requireSameLength(tokens, frames);
    String name = id < 0 ? null : name(values[id]);
    SequenceRow row =
        new SequenceRow(key, name, tokens, frames.values(), frames.channels(), null, null, null);
    return labelled(row, label < 0 ? null : values[label], columns);
  }

  /**
   * Returns the row of values that a program sends, of which no file is read: where a table has the
   * name of a file of numbers, a list of them must be.
   *
   * @param values by the names of their columns, as JSON has them; others may be among them
   * @throws InputException if one is missing or they are none of a row, saying why
   */
  public static SequenceRow of(Map<String, ?> values, ColumnChoice columns, TextSplitter splitter) {
    List<String> names = columns.names();
    for (String name : names) {
      if (!values.containsKey(name)) {
        throw new InputException(
            "The row has no '%s': it must have %s.".formatted(name, String.join(", ", names)));
      }
      if (columns.features().contains(name)
          && values.get(name) instanceof String text
          && NumpyArray.isNamed(text.strip())) {
        throw new InputException(
            "The '%s' of the row names a file: send a list of numbers.".formatted(name));
      }
    }
    RowAssembler assembler = new RowAssembler(columns, names, splitter, null);
    try {
      return assembler.assemble(new RowKey(0, 0), "", names.stream().map(values::get).toArray());
    } catch (BadRowException e) {
      throw new InputException("The row cannot be used: " + e.getMessage() + ".", e);
    }
  }

  /**
   * Returns a row that was kept whole as a task reads it, or the reason why it is none.
   *
   * @param kept the row, with labels of {@link ColumnChoice.LabelKind#ANY}
   * @param columns that the task reads
   * @param texts places of its text columns among those of the kept row
   * @param splitter tells whether capitals become small letters
   */
  public static RowSource.Parsed of(
      SequenceRow kept, ColumnChoice columns, int[] texts, TextSplitter splitter) {
    String[][] tokens = new String[texts.length][];
    for (int c = 0; c < texts.length; c++) {
      tokens[c] = Stream.of(kept.tokens()[texts[c]]).map(splitter::cased).toArray(String[]::new);
    }
    boolean numbers = !columns.features().isEmpty();
    Frames frames = numbers ? new Frames(kept.features(), kept.channels()) : NO_FRAMES;
    SequenceRow row =
        new SequenceRow(
            kept.key(), kept.id(), tokens, frames.values(), frames.channels(), null, null, null);
    try {
      if (!columns.missing()) {
        frames.requireAll();
      }
      return columns.labelKind() == LabelKind.NUMBERS && kept.targets() != null
          ? row.labelled(null, null, kept.targets())
          : labelled(row, kept.stepLabels() == null ? kept.label() : kept.stepLabels(), columns);
    } catch (BadRowException e) {
      return new BadRow(kept.key(), e.getMessage());
    }
  }

  /**
   * Returns a row with what a task takes of its label's value.
   *
   * @param columns tell the kind of labels, and the name of their column for messages
   */
  private static SequenceRow labelled(SequenceRow row, Object value, ColumnChoice columns)
      throws BadRowException {
    String column = columns.label();
    return switch (columns.labelKind()) {
      case NONE, ANSWERED, USUAL -> row;
      case CLASS -> row.labelled(label(value, column), null, null);
      case TEXTS -> row.labelled(null, wordings(value, column), null);
      case STEPS -> row.labelled(null, stepLabels(value, column, row.steps()), null);
      case NUMBERS -> row.labelled(null, null, targets(value, column));
      case ANY -> row.labelled(labelOrNull(value), stepsOrNull(value), numbersOrNull(value));
    };
  }

  /** Returns a single value as text; null for a list and for nothing. */
  private static String labelOrNull(Object value) throws BadRowException {
    boolean single = value != null && !(value instanceof List<?> || value instanceof String[]);
    String label = single ? text(value) : "";
    return label.isBlank() ? null : label;
  }

  private static String[] stepsOrNull(Object value) throws BadRowException {
    boolean list = value instanceof List<?> || value instanceof String[];
    return list ? labels(value, "") : null;
  }

  /** Returns numbers that the input has as numbers: written as text, some would be others. */
  private static float[] numbersOrNull(Object value) {
    Object first = value instanceof List<?> list && !list.isEmpty() ? list.get(0) : value;
    if (first instanceof Number || first instanceof Boolean || first instanceof List<?>) {
      try {
        return targets(value, "");
      } catch (BadRowException e) {
        return null;
      }
    }
    return null;
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

  /** Checks that all columns have the same number of steps T, and one at least if it is to read. */
  private void requireSameLength(String[][] tokens, Frames frames) throws BadRowException {
    int steps = features.length > 0 ? frames.steps() : tokens[0].length;
    for (int c = 0; c < tokens.length; c++) {
      if (tokens[c].length != steps) {
        String other =
            features.length > 0
                ? "the features have " + counted(steps, "step")
                : "column '" + columns.text().get(0) + "' has " + steps;
        throw new BadRowException(
            "column '%s' has %s, but %s"
                .formatted(columns.text().get(c), counted(tokens[c].length, "token"), other));
      }
    }
    if (steps == 0 && columns.labelKind() != LabelKind.ANSWERED) {
      throw new BadRowException("its sequence is empty");
    }
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

  /** Returns the text, or the texts, that are to be written. */
  private static String[] wordings(Object value, String column) throws BadRowException {
    boolean several = value instanceof List<?> || value instanceof String[];
    String[] texts = several ? labels(value, column) : new String[] {label(value, column)};
    if (texts.length == 0) {
      throw unlabelled(column);
    }
    for (int i = 0; i < texts.length; i++) {
      if (texts[i].isBlank()) {
        throw new BadRowException("text %s of column '%s' is empty".formatted(i + 1, column));
      }
    }
    return texts;
  }

  /** Returns a label for each of T steps. */
  private static String[] stepLabels(Object value, String column, int steps)
      throws BadRowException {
    String[] labels = labels(value, column);
    if (labels.length != steps) {
      throw new BadRowException(
          "it has %s (column '%s') for %s"
              .formatted(counted(labels.length, "label"), column, counted(steps, "step")));
    }
    for (int t = 0; t < steps; t++) {
      if (labels[t].isBlank()) {
        throw new BadRowException("step %s has no label (column '%s')".formatted(t + 1, column));
      }
    }
    return labels;
  }

  /** Returns a number with its noun. */
  static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
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
    String text = value == null ? "" : text(value);
    if (text.isBlank()) {
      throw unlabelled(column);
    }
    return BLANKS.split(text.strip());
  }

  /** Returns the number, or the numbers, that are to be predicted. */
  private static float[] targets(Object value, String column) throws BadRowException {
    if (value == null) {
      throw unlabelled(column);
    }
    Frames frames = Frames.of(value, column);
    frames.requireAll();
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
      return number.scale() <= 0 && (long) number.precision() - number.scale() <= 18
          ? number.toBigInteger().toString()
          : text;
    } catch (NumberFormatException e) {
      return text;
    }
  }
}
