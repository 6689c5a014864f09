// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** Makes sequences of the values of rows, and refuses those that are none. */
final class RowAssembler implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ColumnChoice columns;
  private final TextSplitter splitter;
  private final int[] text;
  private final int[] features;
  private final int label;
  private final int id;

  /**
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
            : FrameValues.of(columns.features(), pick(values), columns.missing());
    int steps = requireSameLength(tokens, frames);
    Object labelValue = label < 0 ? null : values[label];
    return new SequenceRow(
        key,
        id < 0 || values[id] == null ? null : LabelValues.text(values[id]),
        tokens,
        frames.values(),
        frames.channels(),
        columns.labelKind() == LabelKind.CLASS
            ? LabelValues.one(labelValue, columns.label())
            : null,
        columns.labelKind() == LabelKind.STEPS
            ? LabelValues.steps(labelValue, columns.label(), steps)
            : null,
        columns.labelKind() == LabelKind.NUMBERS
            ? LabelValues.numbers(labelValue, columns.label())
            : null);
  }

  private Object[] pick(Object[] values) {
    Object[] picked = new Object[features.length];
    for (int c = 0; c < picked.length; c++) {
      picked[c] = values[features[c]];
    }
    return picked;
  }

  /** Text is cut into tokens; what comes as a list or by step already is. */
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
        tokens.add(LabelValues.text(token));
      }
      return tokens.toArray(String[]::new);
    }
    return splitter.split(LabelValues.text(value)).toArray(String[]::new);
  }

  /** T. */
  private int requireSameLength(String[][] tokens, Frames frames) throws BadRowException {
    int steps = features.length > 0 ? frames.steps() : tokens[0].length;
    for (int c = 0; c < tokens.length; c++) {
      if (tokens[c].length != steps) {
        String other =
            features.length > 0
                ? "the features have " + steps + " steps"
                : "column '" + columns.text().get(0) + "' has " + steps;
        throw new BadRowException(
            "column '"
                + columns.text().get(c)
                + "' has "
                + tokens[c].length
                + " tokens, but "
                + other);
      }
    }
    if (steps == 0) {
      throw new BadRowException("its sequence is empty");
    }
    return steps;
  }
}
