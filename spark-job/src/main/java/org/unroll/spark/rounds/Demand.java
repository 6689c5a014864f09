// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.TooLittleException;
import org.unroll.rnn.network.NetworkSize;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Terminal;

/**
 * The gate that work has to pass before it begins: what it needs at the least is reckoned from the
 * network and the data, and refused in words where there is not as much. It is asked before the
 * data are read, with the little that is known then, and again when they are counted.
 *
 * @param conf tells how much memory there is
 * @param vectors of the parameters' size that the driver holds
 * @param workerVectors of that size that a worker holds
 * @param workers that work at a time
 * @param options that make the network smaller
 * @param batch the options that make batches smaller
 */
public record Demand(
    SparkConf conf, int vectors, int workerVectors, int workers, String options, String batch) {
  private static final String NETWORK = "--hidden, --embedding, --layers or --vocab-size";

  /** So few shards cost nothing, even where some of them have no data. */
  private static final int FEW_SHARDS = 16;

  /** Returns what a training demands: parameters, the best of them, and the optimiser's moments. */
  public static Demand ofTraining(
      SparkSession spark, TrainSpec train, int workers, boolean ofText) {
    int moments = train.optimizer().kind().moments().size();
    int workerVectors = train.round().workerVectors(train.optimizer());
    String batch = ofText ? "--batch, --eval-batch or --window" : "--batch";
    return new Demand(
        spark.sparkContext().getConf(), 2 + moments, workerVectors, workers, NETWORK, batch);
  }

  /** Returns what scoring a text demands, in so many tasks at a time. */
  public static Demand toScore(SparkSession spark, int tasks) {
    SparkConf conf = spark.sparkContext().getConf();
    int workers = Math.min(tasks, Slots.of(conf).orElse(1));
    return new Demand(conf, 1, 1, workers, NETWORK, "--batch");
  }

  /**
   * Refuses what does not fit into memory.
   *
   * @param steps of the largest batch of a shard, at least; 0 before the data are known
   * @throws InputException saying what is needed, what there is, and what to lower
   */
  public void require(NetworkSize network, double steps) {
    if (!network.fits()) {
      throw new InputException(
          "The model would have %s parameters, but one can have %s at most: lower %s."
              .formatted(count(network.parameters()), count(NetworkSize.MOST_ELEMENTS), options));
    }
    if (steps * network.widest() > NetworkSize.MOST_ELEMENTS) {
      throw new InputException(
          ("A shard's batch of %s steps would take a buffer of %s numbers, but one can have %s at"
                  + " most: lower %s or --hidden, or take more --shards.")
              .formatted(
                  count(steps),
                  count(steps * network.widest()),
                  count(NetworkSize.MOST_ELEMENTS),
                  batch));
    }
    double buffers = Float.BYTES * steps * network.step();
    double worker =
        Float.BYTES * (workerVectors * network.parameters() + network.packed()) + buffers;
    double driver = Float.BYTES * vectors * network.parameters();
    boolean together = Slots.inDriver(conf);
    String why =
        count(network.parameters())
            + " parameters with all that goes with them"
            + (steps > 0
                ? ", and %s of buffers for %s steps at a time"
                    .formatted(bytes(buffers), count(steps))
                : "");
    boolean ofBatch = buffers > worker / 2;
    String advice =
        "lower " + (ofBatch ? batch + ", or " + options : options) + ", or give more with ";
    double there = Runtime.getRuntime().maxMemory();
    requireRoom(
        driver + (together ? workers * worker : 0),
        there,
        "the driver" + (together ? " with " + Figures.count(workers, "worker") + " in it" : ""),
        why,
        advice + "--driver-memory");
    if (!together) {
      double each = conf.getSizeAsBytes("spark.executor.memory", "1g");
      requireRoom(worker, each, "each executor", why, advice + "--executor-memory");
    }
  }

  private static void requireRoom(
      double needed, double there, String where, String why, String advice) {
    if (needed > there) {
      throw new InputException(
          "This needs at least %s of memory in %s, but there are %s: %s. To go on, %s."
              .formatted(bytes(needed), where, bytes(there), why, advice));
    }
  }

  /**
   * Refuses more shards than could have data.
   *
   * @param most that could
   * @param of what they would have, in words
   */
  public static void requireShards(int shards, long most, String of) {
    if (shards > Math.max(FEW_SHARDS, most)) {
      throw new InputException(
          "--shards %s is more than there are %s (%s): give at most that many."
              .formatted(Figures.count(shards), of, Figures.count(most)));
    }
  }

  /**
   * Refuses more streams than a text to learn has tokens, and notes if they are shorter than a
   * window.
   */
  public static void requireStreams(TrainSpec train, long tokens, Terminal terminal) {
    requireShards(train.shards(), train.batch(), "streams of text (--batch)");
    StreamPlan plan = train.plan(Split.TRAIN, tokens);
    requireStreams(train.batch(), plan.pairs(), "text to learn");
    long each = plan.pairs() / plan.rows();
    if (each < train.window()) {
      terminal.note(
          ("Each of %s streams (--batch) has about %s, less than --window %s: an epoch is a single"
                  + " step. A smaller --batch makes more of them.")
              .formatted(
                  Figures.count(train.batch()), Figures.count(each, "token"), train.window()));
    }
  }

  /** Refuses more streams than there are tokens with another before them. */
  public static void requireStreams(int streams, long pairs, String text) {
    if (streams > pairs) {
      throw new TooLittleException(
          ("--batch %s cuts the %s into more streams than it has tokens that follow another (%s):"
                  + " give at most that many, or more text.")
              .formatted(Figures.count(streams), text, Figures.count(pairs)));
    }
  }

  private static String count(double number) {
    return number < 1e15
        ? Figures.count((long) number)
        : String.format(Locale.ROOT, "%.1e", number);
  }

  private static String bytes(double number) {
    return number < 1e15
        ? Figures.bytes((long) number)
        : String.format(Locale.ROOT, "%.1e bytes", number);
  }
}
