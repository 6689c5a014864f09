// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.rows.SequenceRow;

/** A task that learns from labelled rows, each of which is read as a whole. */
public sealed interface RowTask extends Task
    permits Classify, Tag, Forecast, State, Recognise, Writing {

  /** This exception says that a row can be read, but not be used for a task. */
  final class UnusableRowException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a stack trace.
     *
     * @param reason the rest of a sentence about the row: {@code its label 'x' is unknown}
     */
    UnusableRowException(String reason) {
      super(reason, null, false, false);
    }
  }

  /**
   * The rows of some data that a task cannot use.
   *
   * @param count how many there are
   * @param first the first of them, or null
   * @param reason why that one cannot be used
   */
  record Unusable(long count, RowKey first, String reason) implements Serializable {
    static final Unusable NONE = new Unusable(0, null, null);

    static Unusable of(SequenceRow row, UnusableRowException why) {
      return new Unusable(1, row.key(), why.getMessage());
    }

    /** Returns those of this part of the data and of the next one. */
    Unusable plus(Unusable next) {
      Unusable earlier = count > 0 ? this : next;
      return new Unusable(count + next.count, earlier.first, earlier.reason);
    }

    /**
     * Requires that there are none, or that they may be left out and others can be used.
     *
     * @param usable how many can
     * @throws InputException otherwise, with the place of the first
     */
    void require(RowSet data, OnBadRow onBadRow, long usable) {
      if (count > 0 && (onBadRow == OnBadRow.FAIL || usable == 0)) {
        String place = data.where(first);
        throw new InputException(
            "%s%s cannot be used: %s. Correct it, or leave such rows out with --on-bad-row skip."
                .formatted(Character.toUpperCase(place.charAt(0)), place.substring(1), reason));
      }
    }
  }

  /**
   * The labels of some data that a model does not know.
   *
   * @param names different ones
   * @param count all of them
   * @param first of them with its place, for people; null if there is none
   */
  record UnseenLabels(List<String> names, long count, String first) {
    private static final UnseenLabels NONE = new UnseenLabels(List.of(), 0, null);

    /** Looks for such labels, as Spark jobs. */
    static UnseenLabels of(RowSet data, RowTask task, RowEncoder encoder) {
      Map<String, Long> counts = new LinkedHashMap<>(task.labels(data));
      Set<String> known = new HashSet<>(encoder.labels());
      counts.keySet().removeAll(known);
      if (counts.isEmpty()) {
        return NONE;
      }
      SequenceRow row =
          data.rows()
              .filter(some -> !known.containsAll(Arrays.asList(task.labelsOf(some))))
              .first();
      String label =
          Arrays.stream(task.labelsOf(row))
              .filter(some -> !known.contains(some))
              .findFirst()
              .orElseThrow();
      long count = counts.values().stream().mapToLong(Long::longValue).sum();
      String first = "'" + label + "' in " + data.where(row.key());
      return new UnseenLabels(List.copyOf(counts.keySet()), count, first);
    }

    /** Returns them in a sentence. */
    public String describe() {
      return count == 1
          ? "A label that training never saw counts as a mistake: " + first + "."
          : "%s labels that training never saw count as mistakes, the first is %s."
              .formatted(Figures.count(count), first);
    }
  }

  /**
   * Requires that there is anything to compare answers with.
   *
   * @param rows that have something
   * @param what is to be done with them, in a word
   * @throws InputException if none has
   */
  static void requireKnown(long rows, String what) {
    if (rows == 0) {
      throw new InputException(
          ("There is nothing to %s: in all rows, what is to be answered is missing. Give rows that"
                  + " have it: labels, or numbers in the steps to be told.")
              .formatted(what));
    }
  }

  @Override
  default TrainingData open(SparkSession spark, TrainRequest request, Terminal terminal) {
    return new TrainingRows(spark, this, request, terminal);
  }

  /**
   * Returns the labels that answers are made of, with how often each occurs, in the order of their
   * ids; none for numbers.
   */
  default Map<String, Long> labels(RowSet train) {
    return train.labels();
  }

  /** Returns the labels of a row; none of numbers. */
  default String[] labelsOf(SequenceRow row) {
    return new String[0];
  }

  /** Returns the same task with what it must know of the training data. */
  default RowTask informed(RowSet train, Map<String, Long> labels) {
    return this;
  }

  /** Returns the same task with what it learns itself when the network is trained. */
  default RowTask finished(SparkSession session, ModelInHand model, RowSet train) {
    return this;
  }

  /**
   * Returns what is learnt from a row of training data: what it is scored by, unless there is more.
   */
  default List<Example> toLearn(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    return List.of(toScore(row, encoder));
  }

  /**
   * Returns what a row of validation data is scored by after every epoch: what it is scored by at
   * the end, unless there is more.
   */
  default List<Example> toValidate(SequenceRow row, RowEncoder encoder)
      throws UnusableRowException {
    return List.of(toScore(row, encoder));
  }

  /** Returns what a row is scored by; its target may be held out. */
  Example toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException;

  @Override
  default Example toRead(SequenceRow row, RowEncoder encoder) {
    return encoder.inputs(row);
  }

  /**
   * Returns the numbers of a step that a network reads: beside those that may be missing, whether
   * they are.
   */
  default int features(RowEncoder encoder) {
    return encoder.channels() * (missing() ? 2 : 1);
  }

  /** Returns what is right for a labelled row, in words; none where nobody could read it. */
  default List<String> right(SequenceRow row) {
    return List.of(String.join(" ", labelsOf(row)));
  }

  /** Returns what is made of the encoder's outputs. */
  HeadSpec head(RowEncoder encoder, NetworkChoice choice);

  /** Returns what validation adds up after every epoch. */
  Metric metric(RowEncoder encoder);

  /** Returns what an evaluation adds up: what validation does, unless there is more to tell. */
  default Metric scoring(RowEncoder encoder) {
    return metric(encoder);
  }

  /** Returns what the sums of {@link #scoring} say, beside the loss. */
  default Map<String, Double> figures(double loss, double[] sums, RowEncoder encoder) {
    return scoring(encoder).figures(sums);
  }

  /** Returns what the sums of {@link #scoring} say beside figures. */
  default Findings findings(double[] sums, RowEncoder encoder) {
    return Findings.NONE;
  }

  /** Returns an answer, in the order of {@link #columns}, in words for people. */
  default String words(Object... answer) {
    return answer[0] instanceof float[] numbers
        ? Figures.significant(numbers)
        : answer[0] instanceof String[] labels ? String.join(" ", labels) : answer[0].toString();
  }
}
