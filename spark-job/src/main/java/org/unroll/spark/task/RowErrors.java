// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.Search;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;
import scala.Tuple2;

/**
 * The rows that a model is most wrong about, and its answers to any rows, as examples for pages.
 */
public final class RowErrors {
  /** Probabilities below this count as this: the logarithm of zero is no number to sort by. */
  private static final double LEAST = 1e-30;

  /** The most steps that a picture of attention has room for. */
  private static final int MOST_STEPS = 200;

  /** The worst row first; of rows that are equally wrong the one that comes first. */
  private static final Comparator<Tuple2<Double, SequenceRow>> WORST =
      Comparator.<Tuple2<Double, SequenceRow>>comparingDouble(row -> -row._1())
          .thenComparing(row -> row._2().key());

  private RowErrors() {}

  /**
   * Looks for the rows that a model is most wrong about, as a Spark job: those whose right answers
   * it finds least probable, in nats by label or token, or where answers have no probabilities
   * those with the largest error.
   *
   * @param most rows, fewer if there are fewer
   * @return the worst first, each captioned by its place and how wrong the model is
   */
  public static List<Report.Example> worst(
      SparkSession session, TaskModel model, RowSet data, Search search, int most) {
    ModelInHand inHand = model.inHand(search);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<ModelInHand> shared = spark.broadcast(inHand);
    List<Tuple2<Double, SequenceRow>> worst;
    try {
      worst =
          data
              .rows()
              .mapPartitions(rows -> worst(shared.value(), rows, most).iterator())
              .collect()
              .stream()
              .sorted(WORST)
              .limit(most)
              .toList();
    } finally {
      shared.destroy();
    }
    List<ModelInHand.Item<SequenceRow>> items = new ArrayList<>();
    for (Tuple2<Double, SequenceRow> row : worst) {
      items.add(usable(inHand, row._2()).orElseThrow());
    }
    List<Report.Example> examples = new PageExamples(inHand, model.columns().splitter()).of(items);
    Measure measure = model.task().measure();
    String unit = model.task() instanceof Recognise ? measure.words() : measure.lossUnit();
    return IntStream.range(0, examples.size())
        .mapToObj(
            i ->
                examples
                    .get(i)
                    .captioned(
                        "%s: %s %s"
                            .formatted(
                                data.where(worst.get(i)._2().key()),
                                Figures.loss(worst.get(i)._1()),
                                unit)))
        .toList();
  }

  private static List<Tuple2<Double, SequenceRow>> worst(
      ModelInHand model, Iterator<SequenceRow> rows, int most) {
    PriorityQueue<Tuple2<Double, SequenceRow>> worst = new PriorityQueue<>(WORST.reversed());
    ModelInHand.Reading reading = model.reading();
    Iterator<List<ModelInHand.Item<SequenceRow>>> batches =
        reading.batches(rows, row -> usable(model, row).map(ModelInHand.Item::example));
    while (batches.hasNext()) {
      List<ModelInHand.Item<SequenceRow>> items = batches.next();
      List<Prediction> said = reading.read(items);
      for (int i = 0; i < items.size(); i++) {
        double wrong = wrong(model, items.get(i).example(), said.get(i));
        if (!Double.isNaN(wrong)) {
          worst.add(new Tuple2<>(wrong, items.get(i).row()));
        }
        if (worst.size() > most) {
          worst.poll();
        }
      }
    }
    return List.copyOf(worst);
  }

  private static Optional<ModelInHand.Item<SequenceRow>> usable(
      ModelInHand model, SequenceRow row) {
    try {
      return Optional.of(
          new ModelInHand.Item<>(row, ((RowTask) model.task()).toScore(row, model.encoder())));
    } catch (RowTask.UnusableRowException e) {
      return Optional.empty(); // those who score the rows have said so
    }
  }

  /** Returns how wrong the model is about a row; NaN where nothing of it is known. */
  private static double wrong(ModelInHand model, Example example, Prediction said) {
    int[] labels = example.labels();
    if (model.task() instanceof Writing) {
      return mean(said.values());
    }
    if (labels != null && said.labels().length > 0 && said.probabilities().length > 0) {
      int classes = said.probabilities().length / said.labels().length;
      float[] losses = new float[labels.length];
      int known = 0;
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] != Batch.MASKED) {
          boolean unseen = Example.isUnseen(labels[i]);
          double p = unseen ? 0 : said.probabilities()[i * classes + labels[i]];
          losses[known++] = (float) -Math.log(Math.max(LEAST, p));
        }
      }
      return mean(Arrays.copyOf(losses, known));
    }
    return ((RowTask) model.task()).metric(model.encoder()).error(example, said).mean();
  }

  private static double mean(float... losses) {
    double sum = 0;
    for (float loss : losses) {
      sum += loss;
    }
    return losses.length == 0 ? Double.NaN : sum / losses.length;
  }

  /**
   * Returns what a model that writes answers to some rows, with what it looked at.
   *
   * @throws InputException if the model does not write, or has no attention
   */
  public static List<Report.Example> attention(
      String name, TaskModel model, List<SequenceRow> rows, Search search) {
    if (!(model.task() instanceof Writing)) {
      throw new InputException(
          ("Attention goes from a text that is written to what was read, but the model %s is of task"
                  + " %s: name one of translate, caption or execute.")
              .formatted(name, model.task().name()));
    }
    if (model.saved().config().model().decoder().attention() == null) {
      throw new InputException("The model %s was trained without attention.".formatted(name));
    }
    List<ModelInHand.Item<SequenceRow>> items =
        rows.stream()
            .map(row -> new ModelInHand.Item<>(row, model.task().toRead(row, model.encoder())))
            .toList();
    return new PageExamples(model.inHand(search), model.columns().splitter(), MOST_STEPS).of(items);
  }
}
