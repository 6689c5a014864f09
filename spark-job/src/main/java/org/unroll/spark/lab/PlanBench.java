// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.train.RoundMetrics;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.Trainer;
import org.unroll.spark.corpus.SplitSources;
import org.unroll.spark.rounds.RoundsFactory;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.task.ModelWork;

/** All that is measured for a plan. */
public final class PlanBench {
  /** Rounds of a trial that are not counted, at least: connections and buffers are new then. */
  private static final int UNCOUNTED = 5;

  private final SparkSession spark;
  private final PlanRequest request;
  private final Consumer<String> progress;

  /**
   * Measurements on a running Spark with two slots.
   *
   * @param progress takes a word about what is being done
   */
  public PlanBench(SparkSession spark, PlanRequest request, Consumer<String> progress) {
    this.spark = spark;
    this.request = request;
    this.progress = progress;
  }

  /** What the model costs. */
  public Profile profile() {
    return new ProfileBench(request, progress).measure();
  }

  /** What moving its numbers costs between the processes here. */
  public Link link(Profile profile) {
    return new LinkBench(spark, request.pace(), progress).measure(profile);
  }

  /**
   * Trains for a while with one worker and with two, a shard each, to see whether it comes true.
   */
  public List<Trial> trials(Profile profile, Link link) {
    Predictor predictor = new Predictor(profile, link, Scaling.STRONG);
    List<Trial> trials = new ArrayList<>();
    for (int workers = 1; workers <= predictor.most(2); workers++) {
      progress.accept("training with " + workers + (workers == 1 ? " worker" : " workers"));
      ScalingForecast forecast = predictor.forecast(Reduction.HUB, workers);
      trials.add(new Trial(workers, forecast.tokensPerSecond(), train(workers, forecast)));
    }
    return trials;
  }

  /** Tokens a second of a real training; half of its rounds count. */
  private double train(int workers, ScalingForecast forecast) {
    TrainSpec spec = request.train().apply(workers);
    double seconds = request.pace().warmUp() + request.pace().rounds() * request.pace().seconds();
    double rounds = Math.max(2 * UNCOUNTED, seconds / forecast.seconds());
    long tokens = (long) (rounds * spec.batch() * spec.window()) + 1;
    SplitSources data = new SplitSources(new FirstTokens(request.tokens(), tokens), null, null);
    List<RoundMetrics> metrics = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void round(RoundMetrics round) {
            metrics.add(round);
          }
        };
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    ModelWork work = new ModelWork(request.model().spec(), spec, data);
    try (Rounds engine = RoundsFactory.create(context, RoundsKind.RESIDENT, workers, work)) {
      new Trainer(request.model(), spec).fit(engine, null, listener);
    }
    return Race.median(
        metrics.subList(metrics.size() / 2, metrics.size()).stream()
            .map(round -> round.loss().weight() / round.seconds())
            .toList());
  }
}
