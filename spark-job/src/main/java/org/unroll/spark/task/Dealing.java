// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Measure;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/**
 * A dealing says of every row which block of a comparison it is in, by a hash of its place, and
 * which parts: all rows, those of old or of new files, those of its label, those of its values in
 * columns that slice the rows.
 *
 * <p>A label's part is measured by its F1, which sees what is wrongly said to be of the label, too:
 * the share of its own rows that are right would fall with every row that a better model takes from
 * a label that the other one says too often.
 *
 * <pre>{@code
 * F1 = 2 TP / (2 TP + FP + FN) = 1 - (FP + FN) / (2 TP + FP + FN)
 * }</pre>
 *
 * @param blocks how many there are; 0 if every row is a block of its own
 * @param names of the parts, by their numbers
 * @param newFiles the files that are new, by their numbers; null if ages do not matter
 * @param groups that part the rows by a value
 */
record Dealing(long blocks, List<Name> names, BitSet newFiles, List<Group> groups)
    implements Serializable {
  /** The number of the part that has all rows. */
  static final int ALL = 0;

  static final Name ALL_ROWS = new Name("all", "all");
  static final Name OLD = new Name("age", "old");
  static final Name NEW = new Name("age", "new");

  /** The kind of the parts of labels. */
  static final String LABEL = "label";

  private static final long MOST_BLOCKS = 1000;
  private static final long FEWEST_BLOCKS = 100;

  /** The most sums of a model that come to the driver: of every part in every block. */
  private static final long MOST_SUMS = 200_000;

  private static final int OLD_ROWS = 1;
  private static final int NEW_ROWS = 2;

  /** The most values of rows that are told apart: the most frequent ones. */
  private static final int MOST_VALUES = 50;

  /**
   * What a part is called.
   *
   * @param kind what the rows are parted by
   * @param name among those of its kind
   */
  record Name(String kind, String name) implements Serializable {
    /** Returns whether it is one of the values of a group, which no row need have. */
    boolean ofValue() {
      return !kind.equals(ALL_ROWS.kind) && !kind.equals(OLD.kind);
    }
  }

  /**
   * A group parts rows by a value that each has, or lacks.
   *
   * @param slice number of the column of the value; {@link #BY_LABEL} for the label
   * @param parts the number of the part of each value
   * @param missing the part of rows without a value
   * @param others the part of all other values
   */
  record Group(int slice, Map<String, Integer> parts, int missing, int others)
      implements Serializable {
    private static final int BY_LABEL = -1;

    /** What a row adds to the F1 of the label that it has and is said to have. */
    private static final Loss HIT = new Loss(0, 2);

    /** What a row adds to the F1 of a label that it only has, or only is said to have. */
    private static final Loss MISS = new Loss(1, 1);

    /**
     * Makes the parts of some values, behind those that are there.
     *
     * @param prefix of their names
     * @param counts of more values than become parts, if there are more
     */
    private static Group of(
        int slice, String kind, String prefix, Map<String, Long> counts, List<Name> names) {
      Map<String, Integer> parts = new HashMap<>();
      for (String value : mostFrequent(counts)) {
        parts.put(value, names.size());
        names.add(new Name(kind, prefix + value));
      }
      names.add(new Name(kind, prefix + "(all others)"));
      names.add(new Name(kind, prefix + "(missing)"));
      return new Group(slice, parts, names.size() - 1, names.size() - 2);
    }

    private int part(String value) {
      return value == null ? missing : parts.getOrDefault(value, others);
    }

    private void add(BlockErrors errors, SequenceRow row, Loss error, String said) {
      if (slice != BY_LABEL) {
        errors.add(part(row.slices()[slice]), new BlockErrors.Tally(1, error));
        return;
      }
      boolean right = error.sum() == 0;
      errors.add(part(row.label()), new BlockErrors.Tally(1, right ? HIT : MISS));
      if (!right) {
        errors.add(part(said), new BlockErrors.Tally(0, MISS));
      }
    }
  }

  /** Returns the most frequent values, at most {@link #MOST_VALUES}, the most frequent first. */
  static List<String> mostFrequent(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey(Vocabulary::compareTokens)))
        .limit(MOST_VALUES)
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Looks for the parts of some rows, as Spark jobs.
   *
   * @param newFiles null if ages do not matter
   */
  static Dealing of(RowSet data, RowTask task, BitSet newFiles) {
    List<Name> names = new ArrayList<>(List.of(ALL_ROWS));
    if (newFiles != null) {
      names.addAll(List.of(OLD, NEW));
    }
    List<Group> groups = new ArrayList<>();
    if (task instanceof Classify) {
      groups.add(Group.of(Group.BY_LABEL, LABEL, "", data.labels(), names));
    }
    List<String> slices = data.columns().slices();
    for (int s = 0; s < slices.size(); s++) {
      Map<String, Long> counts = data.slices(s, MOST_VALUES + 1);
      groups.add(Group.of(s, "slice", slices.get(s) + "=", counts, names));
    }
    long most = Math.max(FEWEST_BLOCKS, Math.min(MOST_BLOCKS, MOST_SUMS / names.size()));
    long blocks = data.count() > most ? most : 0;
    return new Dealing(blocks, names, newFiles, groups);
  }

  /** Returns the number of a row's block. */
  long block(RowKey key) {
    long hash = RandomBits.key(key.file(), key.position());
    return blocks == 0 ? hash : Long.remainderUnsigned(hash, blocks);
  }

  private void add(BlockErrors errors, SequenceRow row, Loss error, String said) {
    BlockErrors.Tally tally = new BlockErrors.Tally(1, error);
    errors.add(ALL, tally);
    if (newFiles != null) {
      errors.add(newFiles.get(row.key().file()) ? NEW_ROWS : OLD_ROWS, tally);
    }
    groups.forEach(group -> group.add(errors, row, error, said));
  }

  /**
   * Returns the same metric, which deals rows out while their predictions are added to it.
   *
   * @param labels of the model, by their numbers
   */
  Dealt over(Metric metric, Measure measure, List<String> labels) {
    return new Dealt(metric, measure, labels);
  }

  /** This metric is another one that also adds up the errors of each block and part. */
  final class Dealt implements Metric {
    private static final long serialVersionUID = 1L;

    private final Metric metric;
    private final Measure measure;
    private final List<String> labels;
    private final Map<Example, SequenceRow> rows = new IdentityHashMap<>();
    private final TreeMap<Long, BlockErrors> blocks = new TreeMap<>();

    private Dealt(Metric metric, Measure measure, List<String> labels) {
      this.metric = metric;
      this.measure = measure;
      this.labels = labels;
    }

    /** Takes what is read next. */
    void expect(List<ModelInHand.Item<SequenceRow>> items) {
      rows.clear();
      items.forEach(item -> rows.put(item.example(), item.row()));
    }

    /** Returns the errors of the rows that were added, by block. */
    SortedMap<Long, BlockErrors> blocks() {
      return blocks;
    }

    @Override
    public double[] add(Example example, Prediction prediction, double[] sums) {
      if (example.isKnown()) {
        SequenceRow row = rows.get(example);
        Loss error = measure.scoresLoss() ? loss(prediction) : error(example, prediction);
        BlockErrors errors = blocks.computeIfAbsent(block(row.key()), block -> new BlockErrors());
        boolean oneOfLabels = !labels.isEmpty() && prediction.labels().length == 1;
        Dealing.this.add(
            errors, row, error, oneOfLabels ? labels.get(prediction.labels()[0]) : null);
      }
      return metric.add(example, prediction, sums);
    }

    /** Returns the loss of the tokens that were to be written. */
    private static Loss loss(Prediction prediction) {
      double sum = 0;
      int count = 0;
      for (float token : prediction.values()) {
        if (!Float.isNaN(token)) {
          sum += token;
          count++;
        }
      }
      return new Loss(sum, count);
    }

    @Override
    public int size() {
      return metric.size();
    }

    @Override
    public double[] plus(double[] sums, double[] more) {
      return metric.plus(sums, more);
    }

    @Override
    public Loss error(double[] sums) {
      return metric.error(sums);
    }

    @Override
    public Loss error(Example example, Prediction prediction) {
      return metric.error(example, prediction);
    }

    @Override
    public Map<String, Double> figures(double[] sums) {
      return metric.figures(sums);
    }

    @Override
    public boolean readsStates() {
      return metric.readsStates();
    }
  }
}
