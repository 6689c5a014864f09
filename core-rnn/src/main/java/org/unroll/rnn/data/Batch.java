// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.unroll.rnn.math.Packing;

/**
 * A batch is sequences that are read together: packed without padding, the longest first, step
 * after step. They are examples ({@link #fill}), or the windows of streams, whose tokens and
 * targets are written by whoever has them ({@link #pack}) and whose rows stay in their order from
 * window to window, so that a state can be carried. It is filled anew every time; arrays grow when
 * they must.
 */
public final class Batch {
  /** The label of a place where none is known, which is not scored. */
  public static final int MASKED = -1;

  /** A target is the place where labels and values belong. */
  public enum Target {
    /** A sequence has one label. */
    SEQUENCE,
    /** Every step has a label. */
    STEP,
    /** A sequence has any number of labels in their order, nobody knows for which steps. */
    UNALIGNED,
    /** A sequence has any number of labels in their order, which are steps of their own. */
    WRITTEN
  }

  /**
   * A shape is what the sequences of a task have.
   *
   * @param columns of tokens
   * @param characters whether the words of the steps are given by their characters
   * @param features D, numbers of every step
   * @param target where labels and values belong
   * @param values numbers to be found at such a place; 0 for labels
   */
  public record Shape(int columns, boolean characters, int features, Target target, int values)
      implements Serializable {
    /**
     * Refuses an example that lacks what it takes to be read.
     *
     * @throws IllegalArgumentException naming the example, what it has and what it must have
     */
    public void requireInputs(Example example) {
      require(example, "columns of tokens", example.tokens().length, columns);
      if (characters && example.characters() == null) {
        throw new IllegalArgumentException(
            "sequence " + example.id() + " has no characters of its words");
      }
      int numbers = example.features() == null ? 0 : example.features().length;
      require(example, "features", numbers, Math.multiplyExact(features, example.steps()));
    }

    /**
     * Returns whether an example has a target; one with a target of the wrong size is refused.
     *
     * @throws IllegalArgumentException naming the example, what it has and what it must have
     */
    public boolean hasTarget(Example example) {
      if (values == 0 ? example.labels() == null : example.values() == null) {
        return false;
      }
      if (target == Target.UNALIGNED || target == Target.WRITTEN) {
        return true;
      }
      int places = target == Target.STEP ? example.steps() : 1;
      int found = values == 0 ? example.labels().length : example.values().length;
      require(example, values == 0 ? "labels" : "values", found, places * Math.max(1, values));
      return true;
    }

    private static void require(Example example, String what, int found, int expected) {
      if (found != expected) {
        throw new IllegalArgumentException(
            "sequence %s of %d steps has %d %s but must have %d"
                .formatted(example.id(), example.steps(), found, what, expected));
      }
    }
  }

  private final Shape shape;
  private final Packing packing = new Packing();
  private final int[][] tokens;
  private final WordTable words;
  private List<Example> examples = List.of();
  private float[] features = new float[0];
  private int[] labels = new int[0];
  private int[] labelStarts = new int[1];
  private final Packing written = new Packing();
  private int[] sources = new int[0];
  private float[] values = new float[0];

  /** Makes an empty batch of such sequences. */
  public Batch(Shape shape) {
    this.shape = shape;
    tokens = new int[shape.columns()][0];
    words = shape.characters() ? new WordTable() : null;
  }

  /**
   * Takes sequences, with their targets where they have them.
   *
   * @throws IllegalArgumentException if one has not the shape, naming it
   */
  public void fill(List<Example> given) {
    given.forEach(shape::requireInputs);
    examples = BucketBatcher.byLength(given);
    packing.set(examples.stream().mapToInt(Example::steps).toArray(), examples.size());
    reserve();
    for (int row = 0; row < examples.size(); row++) {
      fillInputs(row);
    }
    if (words != null) {
      fillWords();
    }
    fillTargets();
  }

  /**
   * Takes the lengths of windows of streams, of one column of tokens and with a label a step. Their
   * {@link #tokens} are undefined afterwards, and their {@link #labels} masked.
   *
   * @param lengths of the first {@code rows} windows, longest first
   */
  public void pack(int[] lengths, int rows) {
    examples = List.of();
    packing.set(lengths, rows);
    reserve();
  }

  private void reserve() {
    int n = packing.positions();
    for (int c = 0; c < tokens.length; c++) {
      tokens[c] = tokens[c].length < n ? new int[n] : tokens[c];
    }
    int numbers = Math.multiplyExact(n, shape.features());
    features = features.length < numbers ? new float[numbers] : features;
    if (shape.target() == Target.WRITTEN) {
      packWritten();
    }
    int places =
        switch (shape.target()) {
          case STEP -> n;
          case WRITTEN -> written.positions();
          default -> packing.rows();
        };
    if (shape.values() > 0) {
      int most = Math.multiplyExact(places, shape.values());
      values = values.length < most ? new float[most] : values;
      Arrays.fill(values, 0, most, Float.NaN);
      return;
    }
    int most = shape.target() == Target.UNALIGNED ? unalignedLabels() : places;
    labels = labels.length < most ? new int[most] : labels;
    Arrays.fill(labels, 0, most, MASKED);
  }

  /** Sorts the rows by the lengths of what is to be written. */
  private void packWritten() {
    int rows = examples.size();
    Integer[] order = new Integer[rows];
    Arrays.setAll(order, row -> row);
    Arrays.sort(order, Comparator.comparingInt(row -> -labelCount(row)));
    sources = Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    written.set(Arrays.stream(sources).map(this::labelCount).toArray(), rows);
  }

  private int labelCount(int row) {
    int[] own = examples.get(row).labels();
    return own == null ? 0 : own.length;
  }

  private int unalignedLabels() {
    labelStarts = new int[examples.size() + 1];
    for (int row = 0; row < examples.size(); row++) {
      labelStarts[row + 1] = labelStarts[row] + labelCount(row);
    }
    return labelStarts[examples.size()];
  }

  private void fillInputs(int row) {
    Example example = examples.get(row);
    int width = shape.features();
    for (int t = 0; t < example.steps(); t++) {
      int position = packing.at(t) + row;
      for (int c = 0; c < tokens.length; c++) {
        tokens[c][position] = example.tokens()[c][t];
      }
      if (width > 0) {
        System.arraycopy(example.features(), t * width, features, position * width, width);
      }
    }
  }

  private void fillWords() {
    List<int[]> all = new ArrayList<>(packing.positions());
    for (int t = 0; t < packing.steps(); t++) {
      for (int row = 0; row < packing.rowsAt(t); row++) {
        all.add(examples.get(row).characters()[t]);
      }
    }
    words.set(all);
  }

  private void fillTargets() {
    for (int i = 0; shape.target() == Target.WRITTEN && i < sources.length; i++) {
      int[] own = examples.get(sources[i]).labels();
      for (int t = 0; t < written.length(i); t++) {
        labels[written.at(t) + i] = own[t];
      }
    }
    for (int row = 0; row < examples.size(); row++) {
      Example example = examples.get(row);
      if (!shape.hasTarget(example)) {
        continue;
      }
      switch (shape.target()) {
        case SEQUENCE -> copyTarget(example, 0, row);
        case STEP -> {
          for (int t = 0; t < example.steps(); t++) {
            copyTarget(example, t, packing.at(t) + row);
          }
        }
        case UNALIGNED -> {
          int[] own = example.labels();
          System.arraycopy(own, 0, labels, labelStarts[row], own.length);
        }
        case WRITTEN -> {}
      }
    }
  }

  private void copyTarget(Example example, int from, int to) {
    if (shape.values() == 0) {
      labels[to] = example.labels()[from];
    } else {
      int width = shape.values();
      System.arraycopy(example.values(), from * width, values, to * width, width);
    }
  }

  /** Returns the batch for windows of streams of tokens. */
  public static Batch ofStreams() {
    return new Batch(new Shape(1, false, 0, Target.STEP, 0));
  }

  /** Returns where the steps lie. */
  public Packing packing() {
    return packing;
  }

  /** Returns B, the number of sequences. */
  public int rows() {
    return packing.rows();
  }

  /** Returns the sequence in a row. */
  public Example example(int row) {
    return examples.get(row);
  }

  /** Returns the ids of a column of tokens, packed {@code [N]}. */
  public int[] tokens(int column) {
    return tokens[column];
  }

  /** Returns the numbers of the steps, packed {@code [N, D]}. */
  public float[] features() {
    return features;
  }

  /** Returns the words of the steps by their characters; null if there are none. */
  public WordTable words() {
    return words;
  }

  /**
   * Returns the labels: of sequences {@code [B]}, of steps, packed {@code [N]}, unaligned one
   * sequence's behind another's, or as {@link #written} lies; {@link Batch#MASKED} where one is not
   * known.
   */
  public int[] labels() {
    return labels;
  }

  /** Returns where the unaligned labels of a row begin; for row B, where the last ones end. */
  public int labelStart(int row) {
    return labelStarts[row];
  }

  /**
   * Returns where the tokens to be written lie. Their rows are not those of what is read, since the
   * longest comes first here as well.
   */
  public Packing written() {
    return written;
  }

  /** Returns for every row of {@link #written} the row of what is read {@code [B]}. */
  public int[] sources() {
    return sources;
  }

  /** Returns whether a row has a target at all. */
  public boolean hasTarget(int row) {
    return shape.hasTarget(examples.get(row));
  }

  /** Returns the numbers to be found, {@code [B, O]} or {@code [N, O]}; NaN where unknown. */
  public float[] values() {
    return values;
  }
}
