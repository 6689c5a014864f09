// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.data.TokenRun;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.NetworkLearner;
import org.unroll.rnn.train.RoundMetrics;
import org.unroll.rnn.train.RoundSpec;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.StreamSource;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.Trainer;
import org.unroll.rnn.train.UpdateStep;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.lab.RoundsBench.Contestant;
import org.unroll.spark.lab.RoundsBench.Size;
import org.unroll.spark.rounds.ClusterRounds;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rounds.SumKind;
import org.unroll.spark.rounds.Traffic;
import org.unroll.spark.task.NetworkWork;

/**
 * Measures all that a plan needs: what a model costs, what moving its numbers costs, and whether
 * what is predicted from both comes true here.
 *
 * @param spark running, with two slots at least
 * @param model whose executors are planned
 * @param tokens to learn
 * @param pace how long each measurement takes
 * @param threads of an executor
 * @param progress takes a word about what is being done
 */
public record PlanBench(
    SparkSession spark,
    Network model,
    Training train,
    TokenSource tokens,
    Race.Pace pace,
    int threads,
    Consumer<String> progress) {
  /** The training that is planned. */
  @FunctionalInterface
  public interface Training {
    /** Returns it with so many shards and, at most, so many rounds; 0 for a whole epoch. */
    TrainSpec spec(int shards, long rounds);
  }

  /** Returns random tokens in the place of a text: as many as a few dozen rounds need. */
  public static TokenSource uniformTokens(int vocabulary, TrainSpec spec) {
    long windows = ROUNDS * spec.round().windows();
    return new UniformTokens(vocabulary, windows * spec.batch() * spec.window() + 1, spec.seed());
  }

  /**
   * A prediction beside what happened here.
   *
   * @param sum where sums were added
   * @param workers in processes of their own
   * @param predicted tokens per second
   * @param measured tokens per second
   * @param traffic the bytes at the driver in a round
   */
  public record Trial(
      SumKind sum, int workers, double predicted, double measured, Traffic traffic) {
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
      Arrays.setAll(ids, i -> (int) (RandomBits.uniformDouble(key, from + i) * vocabulary));
      return ids;
    }
  }

  /** The rounds of random tokens. */
  private static final long ROUNDS = 64;

  /** So many tokens of a row are in memory at a time, where they are not all there. */
  private static final int PIECE_TOKENS = 1 << 14;

  /** So many rounds of a trial are not counted: connections and buffers are new then. */
  private static final int UNCOUNTED = 5;

  /** Floats of a message in which nothing but the message costs. */
  private static final int SMALL = 256;

  /** Below that a byte's cost is lost in that of a message. */
  private static final int FEWEST = 250_000;

  /**
   * Measures what the model costs: the whole batch, its half, a quarter, and so on to a single
   * stream, in turns.
   */
  public Profile profile() {
    TrainSpec spec = train.spec(1, 0).with(RoundSpec.ONE);
    float[] params = Initializer.draw(model, spec.init(), spec.seed());
    // The threads of the update: workers wait meanwhile, so that the cores are free.
    Team team = new Team(Runtime.getRuntime().availableProcessors());
    List<Subject> subjects = new ArrayList<>();
    for (int cut = 1; cut < 2 * spec.batch(); cut *= 2) {
      subjects.add(0, new Subject(Math.min(cut, spec.batch()), params, team));
    }
    for (Subject subject : subjects) {
      progress.accept("warming up shards of " + subject.rows() + " rows");
      subject.turn(pace.warmUp());
      subject.forget();
    }
    for (int turn = 1; turn <= pace.rounds(); turn++) {
      progress.accept("computing: turn " + turn + " of " + pace.rounds());
      subjects.forEach(subject -> subject.turn(pace.seconds()));
    }
    Subject whole = subjects.get(subjects.size() - 1);
    return new Profile(
        params.length,
        spec.batch(),
        spec.window(),
        whole.changed(),
        Race.median(whole.updates),
        spec.optimizer(),
        spec.wire(),
        subjects.stream().map(Subject::cost).toList());
  }

  /**
   * Returns what moving numbers costs between the processes here, from rounds of one worker and of
   * several, whose sums the driver adds or they share, with as many parameters as the model has and
   * as much of a gradient as its shards write.
   *
   * @param several how many there are, at least 2
   */
  public Link link(Profile profile, int several) {
    int parameters = Math.max(FEWEST, profile.parameters());
    double dense = (double) parameters / profile.parameters();
    int one = written(profile, profile.batch(), dense);
    int each = written(profile, (profile.batch() + several - 1) / several, dense);
    boolean half = profile.wire() == Wire.BF16;
    Contestant resident = half ? Contestant.RESIDENT_BF16 : Contestant.RESIDENT;
    Contestant shared = half ? Contestant.SHARED_BF16 : Contestant.SHARED;
    Size smallOne = new Size(resident, 1, SMALL, SMALL);
    Size smallSeveral = new Size(resident, several, SMALL, SMALL);
    Size largeOne = new Size(resident, 1, parameters, one);
    Size largeSeveral = new Size(resident, several, parameters, each);
    Size sharedSeveral = new Size(shared, several, parameters, each);
    Size copy = new Size(Contestant.COPY, 1, parameters, one);
    Map<Size, RoundsBench.Cost> costs =
        new RoundsBench(spark, pace, what -> progress.accept("rounds: " + what))
            .measure(List.of(smallOne, smallSeveral, largeOne, largeSeveral, sharedSeveral, copy));
    return Link.fit(
        new Link.Measured(
            several,
            costs.get(smallOne).milliseconds() / 1e3,
            costs.get(smallSeveral).milliseconds() / 1e3,
            costs.get(largeOne).milliseconds() / 1e3,
            costs.get(largeSeveral).milliseconds() / 1e3,
            costs.get(sharedSeveral).milliseconds() / 1e3,
            bytes(SMALL, profile.wire()),
            bytes(one, profile.wire()),
            bytes(each, profile.wire()),
            costs.get(copy).milliseconds() / 1e3 / bytes(parameters, Wire.FP32)));
  }

  private static int written(Profile profile, int rows, double factor) {
    return (int) Math.round(profile.written(rows) * factor);
  }

  /** Returns the bytes of a round: as many parameters go back as a gradient has floats. */
  private static double bytes(int written, Wire wire) {
    return 2.0 * wire.bytes() * written;
  }

  /**
   * Trains for a while with some numbers of workers, a shard each, to see whether predictions come
   * true: with sums that the driver adds, and where there are executors enough, that they share.
   *
   * @param predictor of what is measured here
   * @param counts of workers; those that have nothing to do are left out
   */
  public List<Trial> trials(Predictor predictor, List<Integer> counts) {
    List<Trial> trials = new ArrayList<>();
    for (int workers : counts) {
      for (SumKind sum : List.of(SumKind.DRIVER, SumKind.SHARED)) {
        boolean same = sum == SumKind.SHARED && !canShare(predictor.profile(), workers);
        if (workers <= predictor.most(workers) && !same) {
          progress.accept("training with " + workers + (workers == 1 ? " worker" : " workers"));
          trials.add(trial(predictor, sum, workers));
        }
      }
    }
    return trials;
  }

  /** Returns whether workers have processes of their own, and a part of the parameters each. */
  private boolean canShare(Profile profile, int workers) {
    boolean together = Slots.inDriver(spark.sparkContext().getConf());
    return !together && Math.min(workers, profile.spans()) > 1;
  }

  private Trial trial(Predictor predictor, SumKind sum, int workers) {
    RoundSpec round = train.spec(1, 0).round();
    Predictor.Prediction prediction = predictor.predict(new Predictor.Way(sum, round), workers);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    TrainSpec spec = train.spec(workers, trialRounds(prediction));
    NetworkWork work = NetworkWork.ofText(model.spec(), spec, Map.of(Split.TRAIN, tokens));
    try (ClusterRounds engine = RoundsKind.RESIDENT.create(context, workers, work, sum)) {
      double measured = train(engine, spec);
      return new Trial(sum, workers, prediction.tokensPerSecond(), measured, engine.meanTraffic());
    }
  }

  private long trialRounds(Predictor.Prediction prediction) {
    double seconds = pace.warmUp() + pace.rounds() * pace.seconds();
    return Math.max(2 * UNCOUNTED, (long) (seconds / prediction.seconds()));
  }

  /** Returns the tokens a second of a real training; half of its rounds count. */
  private double train(ClusterRounds engine, TrainSpec spec) {
    List<RoundMetrics> metrics = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void round(RoundMetrics round) {
            metrics.add(round);
          }
        };
    new Trainer(model, spec).fit(engine, null, listener);
    return Race.median(
        metrics.subList(metrics.size() / 2, metrics.size()).stream()
            .map(round -> round.loss().weight() / round.seconds())
            .toList());
  }

  /** The largest of some shards, computed window by window as a worker does. */
  private final class Subject {
    private final Learner learner;
    private final int shard;
    private final StreamBatcher windows;
    private final UpdateStep update;
    private final double rate;
    private final float[] params;
    private final WeightedSum sum;
    private final List<Double> computes = new ArrayList<>();
    private final List<Double> updates = new ArrayList<>();

    /** The parameters that updates change; the measured windows all use the same ones. */
    private final float[] updated;

    private double written;
    private int steps;

    Subject(int cut, float[] params, Team team) {
      this.params = params;
      sum = new WeightedSum(params.length);
      updated = params.clone();
      TrainSpec spec = train.spec(cut, 0).with(RoundSpec.ONE);
      StreamPlan plan = spec.plan(Split.TRAIN, tokens.tokens());
      int last = cut - 1;
      TokenRun run = tokens.open(plan.firstToken(last), plan.endToken(last), PIECE_TOKENS);
      windows = new StreamBatcher(plan, last, run);
      shard = last;
      StreamSource source = new StreamSource(last, List.of(Map.of(Split.TRAIN, windows)));
      learner = new NetworkLearner(model, spec, source, null, threads);
      rate = spec.optimizer().lr();
      update = new UpdateStep(spec, model.layout(), team);
    }

    int rows() {
      return windows.rows();
    }

    Profile.ShardCost cost() {
      return new Profile.ShardCost(rows(), Race.median(computes), written / computes.size());
    }

    void turn(double seconds) {
      long start = System.nanoTime();
      do {
        step();
      } while (System.nanoTime() - start < seconds * 1e9);
    }

    void forget() {
      computes.clear();
      updates.clear();
      written = 0;
    }

    /** Returns the floats of the blocks that one more update changes. */
    double changed() {
      float[] before = updated.clone();
      step();
      double floats = 0;
      for (int from = 0; from < before.length; from += Gradient.BLOCK) {
        int to = Math.min(before.length, from + Gradient.BLOCK);
        if (Arrays.mismatch(before, from, to, updated, from, to) >= 0) {
          floats += to - from;
        }
      }
      return floats;
    }

    private void step() {
      // The last window may be shorter than the others.
      int index = steps % Math.max(1, windows.windows() - 1);
      long start = System.nanoTime();
      learner.load(params);
      sum.clear();
      learner.gradient(shard, new Window(0, index, steps), sum);
      long computed = System.nanoTime();
      written += written(sum.parts());
      long counted = System.nanoTime();
      double norm = update.takeMean(sum, updated);
      update.apply(updated, norm, rate);
      computes.add((computed - start) / 1e9);
      updates.add((System.nanoTime() - counted) / 1e9);
      steps++;
    }
  }

  private static long written(Gradient gradient) {
    long floats = 0;
    for (int from = gradient.nextWritten(0); from < gradient.size(); ) {
      int end = gradient.endOfWritten(from);
      floats += end - from;
      from = gradient.nextWritten(end);
    }
    return floats;
  }
}
