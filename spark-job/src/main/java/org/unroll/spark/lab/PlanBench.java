// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.TokenRun;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.train.RoundMetrics;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.Trainer;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.lab.RoundsBench.Contestant;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.task.NetworkWork;

/**
 * Measures all that a plan needs: what a model costs, what moving its numbers costs, and whether
 * what is predicted from both comes true here.
 */
public final class PlanBench {
  /**
   * The subject of a plan and the time for measuring it.
   *
   * @param train how to train with a number of shards
   * @param tokens to learn
   * @param pace how long each measurement takes
   */
  public record Request(
      Network model, IntFunction<TrainSpec> train, TokenSource tokens, Race.Pace pace) {
    /** Returns random tokens in the place of a text: as many as a few dozen windows need. */
    public static TokenSource uniformTokens(int vocabulary, TrainSpec spec) {
      return new UniformTokens(vocabulary, 64L * spec.batch() * spec.window() + 1, spec.seed());
    }
  }

  /**
   * A prediction beside what happened here.
   *
   * @param workers on this machine
   * @param predicted tokens per second
   * @param measured tokens per second
   */
  public record Trial(int workers, double predicted, double measured) {
    /** Returns the relative error, above 0 where more was predicted than there was. */
    public double error() {
      return predicted / measured - 1;
    }
  }

  /**
   * Random tokens, each as probable as any other: of a text more repeat, so that an embedding's
   * gradient has at most as many rows.
   */
  private record UniformTokens(int vocabulary, long tokens, long seed) implements TokenSource {
    @Override
    public int[] read(long from, long to) {
      long key = RandomBits.key(seed);
      int[] ids = new int[Math.toIntExact(to - from)];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = (int) (RandomBits.uniformDouble(key, from + i) * vocabulary);
      }
      return ids;
    }
  }

  /** The beginning of a source, so that an epoch of a long text is a short measurement. */
  private record FirstTokens(TokenSource source, long most) implements TokenSource {
    @Override
    public long tokens() {
      return Math.min(most, source.tokens());
    }

    @Override
    public int[] read(long from, long to) {
      return source.read(from, to);
    }

    @Override
    public TokenRun open(long from, long to, int pieceTokens) {
      return source.open(from, to, pieceTokens);
    }

    @Override
    public long bytes(long tokens, int rows, int pieceTokens) {
      return source.bytes(tokens, rows, pieceTokens);
    }
  }

  /** So many rounds of a trial are not counted: connections and buffers are new then. */
  private static final int UNCOUNTED = 5;

  /** Floats of a message in which nothing but the message costs. */
  private static final int SMALL = 256;

  /** Below that a byte's cost is lost in that of a message. */
  private static final int FEWEST = 250_000;

  private final SparkSession spark;
  private final Request request;
  private final Consumer<String> progress;

  /**
   * Measures on a running Spark with two slots.
   *
   * @param progress takes a word about what is being done
   */
  public PlanBench(SparkSession spark, Request request, Consumer<String> progress) {
    this.spark = spark;
    this.request = request;
    this.progress = progress;
  }

  /** Measures what the model costs. */
  public Profile profile() {
    return new ProfileBench(request, progress).measure();
  }

  /**
   * Returns what moving numbers costs between the processes here, from rounds of one worker and of
   * two, with as many parameters as the model has and as much of a gradient as its shards write.
   */
  public Link link(Profile profile) {
    Race.Pace pace = request.pace();
    int parameters = Math.max(FEWEST, profile.parameters());
    double dense = (double) parameters / profile.parameters();
    int one = written(profile, profile.batch(), dense);
    int two = written(profile, (profile.batch() + 1) / 2, dense);
    Series smallOne = new Series(1, SMALL, SMALL);
    Series smallTwo = new Series(2, SMALL, SMALL);
    Series largeOne = new Series(1, parameters, one);
    Series largeTwo = new Series(2, parameters, two);
    List<Series> all = List.of(smallOne, smallTwo, largeOne, largeTwo);
    for (int turn = 1; turn <= pace.rounds(); turn++) {
      double warmUp = turn == 1 ? pace.warmUp() : 0;
      for (Series series : all) {
        progress.accept("rounds: turn " + turn + " of " + pace.rounds());
        series.turn(spark, new Race.Pace(1, pace.seconds(), warmUp));
      }
    }
    return Link.fit(
        new Link.Measured(
            smallOne.seconds(Contestant.RESIDENT),
            smallTwo.seconds(Contestant.RESIDENT),
            largeOne.seconds(Contestant.RESIDENT),
            largeTwo.seconds(Contestant.RESIDENT),
            bytes(SMALL),
            bytes(one),
            bytes(two),
            largeOne.seconds(Contestant.COPY) / bytes(parameters)));
  }

  private static int written(Profile profile, int rows, double factor) {
    return (int) Math.round(profile.written(rows) * factor);
  }

  /** Returns the bytes of a round: as many parameters go back as a gradient has floats. */
  private static double bytes(int written) {
    return 2.0 * Float.BYTES * written;
  }

  /**
   * Trains for a while with one worker and with two, a shard each, to see whether predictions come
   * true.
   */
  public List<Trial> trials(Profile profile, Link link) {
    Predictor predictor = new Predictor(profile, link, Predictor.Scaling.STRONG);
    List<Trial> trials = new ArrayList<>();
    for (int workers = 1; workers <= predictor.most(2); workers++) {
      progress.accept("training with " + workers + (workers == 1 ? " worker" : " workers"));
      Predictor.Prediction prediction = predictor.predict(Predictor.Reduction.HUB, workers);
      trials.add(new Trial(workers, prediction.tokensPerSecond(), train(workers, prediction)));
    }
    return trials;
  }

  /** Returns the tokens a second of a real training; half of its rounds count. */
  private double train(int workers, Predictor.Prediction prediction) {
    TrainSpec spec = request.train().apply(workers);
    double seconds = request.pace().warmUp() + request.pace().rounds() * request.pace().seconds();
    double rounds = Math.max(2 * UNCOUNTED, seconds / prediction.seconds());
    long tokens = (long) (rounds * spec.batch() * spec.window()) + 1;
    TokenSource.Splits data =
        new TokenSource.Splits(new FirstTokens(request.tokens(), tokens), null, null);
    List<RoundMetrics> metrics = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void round(RoundMetrics round) {
            metrics.add(round);
          }
        };
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    NetworkWork work = NetworkWork.ofText(request.model().spec(), spec, data);
    try (Rounds engine = RoundsKind.RESIDENT.create(context, workers, work)) {
      new Trainer(request.model(), spec).fit(engine, null, listener);
    }
    return Race.median(
        metrics.subList(metrics.size() / 2, metrics.size()).stream()
            .map(round -> round.loss().weight() / round.seconds())
            .toList());
  }

  /** Rounds of one kind, in turns with the others, and the medians of those so far. */
  private record Series(
      int workers, int parameters, int written, List<Map<Contestant, Double>> medians) {
    Series(int workers, int parameters, int written) {
      this(workers, parameters, written, new ArrayList<>());
    }

    void turn(SparkSession spark, Race.Pace one) {
      List<Contestant> contestants = List.of(Contestant.RESIDENT, Contestant.COPY);
      RoundsBench bench = new RoundsBench(spark, workers, one, what -> {});
      medians.add(bench.measure(parameters, written, contestants));
    }

    double seconds(Contestant contestant) {
      return Race.median(medians.stream().map(m -> m.get(contestant)).toList()) / 1e3;
    }
  }
}
