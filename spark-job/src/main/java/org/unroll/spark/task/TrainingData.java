// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.ExampleSource;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainResult;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Report;

/**
 * The data of a training, read and counted: what is learnt, what is held out, and what a network
 * has to know of it. Text is in streams ({@link TrainingText}), rows are whole sequences ({@link
 * TrainingRows}).
 */
interface TrainingData extends AutoCloseable {

  /**
   * The data in shards, before anything of them is read: they travel to the workers, which open
   * their own. Text is in streams ({@link TextShards}), rows are whole sequences ({@link
   * ExampleShards}).
   */
  interface Shards extends Serializable {

    /** Returns the windows, or batches, of an epoch. */
    int windows();

    /** Returns the streams of a shard whose state is carried; 0 where sequences are read whole. */
    int streams(int shard);

    /** Returns the steps of the largest batch of a shard, at least. */
    double steps();

    /** Returns whether there is anything in a split. */
    boolean has(Split split);

    /** Returns the bytes that the data of a worker of so many shards take. */
    long bytes(int hosted);

    /** Reads the shards {@code [first, end)}, or opens them to be read while they are needed. */
    ExampleSource open(Network network, int first, int end);
  }

  /**
   * The facts that models and people are told of the data.
   *
   * @param amount how much there is, in a sentence
   * @param hash a text that is different for other data
   * @param settings what the data decide of the settings, by the names of the options
   * @param description the columns, or how text became tokens, for {@code config.json}
   * @param amounts how much of the data was used, for the model's provenance
   * @param vocabularies the tokens of every column, in the order of their ids
   * @param characters of the first column's words, or null
   * @param target the tokens that are written, or null
   * @param network for these data
   */
  record Facts(
      String amount,
      String hash,
      Map<String, Object> settings,
      Map<String, Object> description,
      Map<String, Object> amounts,
      List<Vocabulary> vocabularies,
      Vocabulary characters,
      Vocabulary target,
      NetworkSpec network) {}

  /** Returns what was found out by reading and counting. */
  Facts facts();

  /** Returns what validation adds up after every epoch; null for the loss alone. */
  default Metric metric() {
    return null;
  }

  /** Returns what the sums of the metric say, more being better; NaN for the loss to decide. */
  default double score(double[] sums) {
    return Double.NaN;
  }

  /** Returns the shards, encoded where they were not yet. */
  Shards shards();

  /**
   * Returns what is told of a training that has not finished.
   *
   * @param params from which examples come, those of the best epoch or newer ones
   */
  Outcome unfinished(EpochMetrics best, float[] params);

  /** Returns how good the parameters are that were kept. */
  Outcome finished(TrainResult training, double seconds, long peakMemory);

  /** Returns a text that the parameters write, or null where they write none. */
  default String sample(float[] params) {
    return null;
  }

  /** Lets go of what is held. */
  @Override
  default void close() {}

  /**
   * An outcome is what came of a training.
   *
   * @param running whether the training goes on
   * @param results by name, for the model's provenance
   * @param figures by the names that commands print
   * @param lines what they say in a line each, by a heading
   * @param page the numbers to remember
   * @param findings of the last evaluation
   * @param samples what the model writes without being asked
   * @param examples of its answers
   * @param tensors what the task learnt itself
   */
  record Outcome(
      boolean running,
      Map<String, Object> results,
      Map<String, Object> figures,
      Map<String, String> lines,
      List<Report.Figure> page,
      Findings findings,
      List<Report.Sample> samples,
      List<Report.Example> examples,
      Map<String, Tensor> tensors) {

    /** What there is to tell of a training that has not finished. */
    Outcome(
        Map<String, Object> results,
        List<Report.Figure> page,
        List<Report.Sample> samples,
        List<Report.Example> examples) {
      this(true, results, Map.of(), Map.of(), page, Findings.NONE, samples, examples, Map.of());
    }
  }

  /** Returns how much is held out, behind what is learnt: {@code , 50 to validate, 20 to test}. */
  static <T> String heldOut(Map<Split, T> data, ToLongFunction<T> amount) {
    StringBuilder text = new StringBuilder();
    data.forEach(
        (split, held) -> {
          if (split != Split.TRAIN) {
            text.append(", ").append(Figures.count(amount.applyAsLong(held)));
            text.append(split == Split.VALID ? " to validate" : " to test");
          }
        });
    return text.toString();
  }
}
