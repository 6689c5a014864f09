// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.report.Figures;
import org.unroll.spark.rounds.ClusterRounds;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rounds.ShardWork;
import org.unroll.spark.rounds.SumKind;
import org.unroll.spark.rounds.Traffic;

/**
 * Measures the overhead of rounds: gradients to the driver, their sum, and other parameters back,
 * with work that costs nothing. Resident workers hold the slots that jobs need, so the contestants
 * take turns; what disturbs the machine for a while disturbs all alike, and medians count.
 *
 * @param session running
 * @param pace a turn's length and number, and what everybody runs beforehand
 * @param progress takes a word about what is being done
 */
public record RoundsBench(SparkSession session, Race.Pace pace, Consumer<String> progress) {
  /** The things that are measured in turns to tell what a round costs. */
  public enum Contestant {
    /** A round of workers that stay, whose sums the driver adds. */
    RESIDENT("resident"),
    /** A round of workers that stay, whose executors share the sums. */
    SHARED("shared"),
    /** A round of workers that stay, with numbers of 16 bits on the way. */
    RESIDENT_BF16("bf16"),
    /** The same with sums that executors share. */
    SHARED_BF16("shared bf16"),
    /** A round that is a Spark job. */
    JOB("job"),
    /** A Spark job with as many tasks as workers, which do nothing. */
    EMPTY_JOB("empty"),
    /** A copy in memory of the bytes that a round moves: to every worker and back. */
    COPY("copy");

    private final String words;

    Contestant(String words) {
      this.words = words;
    }

    /** Returns its name for people. */
    public String words() {
      return words;
    }
  }

  /** A turn runs so often at least, and so often before anything is counted. */
  private static final int FEWEST = 5;

  /** The part of a turn that is not counted: connections and buffers are new then. */
  private static final double UNCOUNTED = 0.25;

  /** The first parameter goes through this many numbers, which all formats can hold. */
  private static final int MARKS = 128;

  /**
   * The driver has parameters, what a job broadcasts, its copies, and the two arrays of the copy.
   */
  private static final int DRIVER_VECTORS = 5;

  /** The driver has every worker's sum twice, as bytes and as numbers, of two rounds. */
  private static final int VECTORS_A_WORKER = 4;

  /** An executor has parameters as blocks, bytes and numbers, and the gradient likewise. */
  private static final int EXECUTOR_VECTORS = 6;

  /**
   * What is measured: a contestant at some size.
   *
   * @param workers of a round, one shard each
   * @param parameters floats of the parameters and of a gradient
   * @param written floats of a gradient that count; the others are left out as zeros
   */
  public record Size(Contestant contestant, int workers, int parameters, int written) {}

  /**
   * What a contestant takes.
   *
   * @param milliseconds the median
   * @param traffic the bytes at the driver in a round; none where nobody counts them
   * @param slowestLink over which a round's numbers took longest, if there is any
   */
  public record Cost(double milliseconds, Traffic traffic, Optional<String> slowestLink) {}

  /** The milliseconds of everything that counts in one turn, and what crossed in a round of it. */
  private record Turn(List<Double> samples, Traffic traffic, Optional<String> slowestLink) {
    static Turn of(List<Double> samples) {
      return new Turn(samples, Traffic.NONE, Optional.empty());
    }
  }

  /**
   * Measures some contestants in turns.
   *
   * @return what everybody takes
   * @throws InputException if Spark has fewer slots than workers, or too little memory
   */
  public Map<Size, Cost> measure(List<Size> sizes) {
    long driverHas = Runtime.getRuntime().maxMemory();
    for (Size size : sizes) {
      requireMemory(size.parameters, size.workers, spark().getConf(), spark().isLocal(), driverHas);
    }
    for (Size size : pace.warmUp() > 0 ? sizes : List.<Size>of()) {
      progress.accept("warming up " + size.contestant.words());
      turn(size, pace.warmUp());
    }
    Map<Size, List<Turn>> turns = new LinkedHashMap<>();
    sizes.forEach(size -> turns.put(size, new ArrayList<>()));
    for (int round = 1; round <= pace.rounds(); round++) {
      progress.accept("turn " + round + " of " + pace.rounds());
      turns.forEach((size, own) -> own.add(turn(size, pace.seconds())));
    }
    Map<Size, Cost> costs = new LinkedHashMap<>();
    turns.forEach((size, own) -> costs.put(size, cost(own)));
    return costs;
  }

  /**
   * Refuses sizes that do not fit, so that too little memory is told before the first round and not
   * by a crash.
   *
   * @param local whether the workers live in the driver
   * @param driverHas bytes
   * @throws InputException naming both numbers and the setting
   */
  static void requireMemory(
      int parameters, int workers, SparkConf conf, boolean local, long driverHas) {
    long vector = (long) Float.BYTES * parameters;
    requireMemory(
        parameters,
        "the driver",
        (DRIVER_VECTORS + VECTORS_A_WORKER * workers) * vector,
        driverHas,
        "scripts/unroll --driver-memory");
    if (!local) {
      requireMemory(
          parameters,
          "every executor",
          EXECUTOR_VECTORS * vector,
          conf.getSizeAsBytes("spark.executor.memory", "1g"),
          "--conf spark.executor.memory=");
    }
  }

  private static void requireMemory(
      int parameters, String who, long needs, long has, String setting) {
    if (needs > has) {
      throw new InputException(
          ("Rounds of %s parameters need about %s in %s, which has %s. Ask for fewer"
                  + " (--params), or give it more (%s).")
              .formatted(
                  Figures.count(parameters),
                  Figures.bytes(needs),
                  who,
                  Figures.bytes(has),
                  setting));
    }
  }

  private JavaSparkContext spark() {
    return JavaSparkContext.fromSparkContext(session.sparkContext());
  }

  private static Cost cost(List<Turn> turns) {
    List<Double> samples = turns.stream().flatMap(turn -> turn.samples().stream()).toList();
    Turn last = turns.get(turns.size() - 1);
    return new Cost(Race.median(samples), last.traffic(), last.slowestLink());
  }

  private Turn turn(Size size, double seconds) {
    return switch (size.contestant) {
      case RESIDENT -> rounds(RoundsKind.RESIDENT, size, Wire.FP32, SumKind.DRIVER, seconds);
      case SHARED -> rounds(RoundsKind.RESIDENT, size, Wire.FP32, SumKind.SHARED, seconds);
      case RESIDENT_BF16 -> rounds(RoundsKind.RESIDENT, size, Wire.BF16, SumKind.DRIVER, seconds);
      case SHARED_BF16 -> rounds(RoundsKind.RESIDENT, size, Wire.BF16, SumKind.SHARED, seconds);
      case JOB -> rounds(RoundsKind.JOB, size, Wire.FP32, SumKind.DRIVER, seconds);
      case EMPTY_JOB -> Turn.of(repeat(() -> emptyJob(size.workers), seconds));
      case COPY -> Turn.of(repeat(copy(size), seconds));
    };
  }

  private static List<Double> repeat(LongSupplier nanoseconds, double seconds) {
    long start = System.nanoTime();
    for (int i = 0; i < FEWEST || secondsSince(start) < UNCOUNTED * seconds; i++) {
      nanoseconds.getAsLong();
    }
    List<Double> samples = new ArrayList<>();
    while (samples.size() < FEWEST || secondsSince(start) < seconds) {
      samples.add(nanoseconds.getAsLong() / 1e6);
    }
    return samples;
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private Turn rounds(RoundsKind kind, Size size, Wire wire, SumKind sum, double seconds) {
    float[] params = new float[size.parameters];
    GivenGradients.fill(params, -1);
    GivenGradients work = new GivenGradients(size.workers, size.parameters, size.written, wire);
    try (ClusterRounds rounds = kind.create(spark(), size.workers, work, sum)) {
      int[] step = {0};
      List<Double> samples = repeat(() -> round(rounds, params, size, step[0]++), seconds);
      return new Turn(samples, rounds.traffic(), rounds.slowestLink());
    }
  }

  /** Makes a round with other parameters than before; changing them is not its own cost. */
  private static long round(Rounds rounds, float[] params, Size size, int step) {
    for (int i = 0; i < size.written; i++) {
      params[i] = -params[i];
    }
    params[0] = step % MARKS;
    long start = System.nanoTime();
    WeightedSum sum = rounds.gradient(new Window(0, step, step), params);
    long nanoseconds = System.nanoTime() - start;
    if (sum.loss().sum() != size.workers * params[0]) {
      throw new IllegalStateException("workers had other parameters than those of their round");
    }
    return nanoseconds;
  }

  private long emptyJob(int workers) {
    long start = System.nanoTime();
    List<Integer> tasks = IntStream.range(0, workers).boxed().toList();
    spark().parallelize(tasks, workers).foreachPartition(task -> {});
    return System.nanoTime() - start;
  }

  private static LongSupplier copy(Size size) {
    float[] from = new float[size.parameters];
    float[] to = new float[size.parameters];
    return () -> {
      long start = System.nanoTime();
      for (int i = 0; i < size.workers; i++) {
        System.arraycopy(from, 0, to, 0, size.parameters);
        System.arraycopy(to, 0, from, 0, size.parameters);
      }
      return System.nanoTime() - start;
    };
  }

  /**
   * Work that costs nothing: every shard's gradient is there already, of random numbers, which
   * nothing on the way can shorten. What is left of a round is its overhead. The loss of a shard is
   * the first parameter, so that the sum tells whether the new parameters have arrived.
   *
   * @param written the first floats of a gradient, that count; the others are left out as zeros
   * @param wire how they travel
   */
  private record GivenGradients(int shards, int parameters, int written, Wire wire)
      implements ShardWork {

    @Override
    public int windows() {
      return Integer.MAX_VALUE;
    }

    @Override
    public Learner open(int first, int end) {
      return new Host();
    }

    /** Fills an array with random numbers in [-0.5, 0.5). */
    static void fill(float[] values, long seed) {
      long key = RandomBits.key(seed);
      for (int i = 0; i < values.length; i++) {
        values[i] = RandomBits.uniform(key, i) - 0.5f;
      }
    }

    private final class Host implements Learner {
      private float firstParameter;

      /** The array that was filled; the same one comes round after round. */
      private float[] given;

      @Override
      public void load(float[] params) {
        firstParameter = params[0];
      }

      @Override
      public void gradient(int shard, Window window, WeightedSum into) {
        into.parts().claim(0, written);
        if (given != into.parts().values()) {
          given = into.parts().values();
          fill(given, shard);
        }
        into.add(new Loss(firstParameter, 1));
      }
    }
  }
}
