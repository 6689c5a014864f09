// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Measures contenders against each other in rounds: in every round each has its turn, so that what
 * disturbs the machine for a while disturbs all alike, and medians over the rounds count.
 *
 * @param pace of all turns
 * @param progress takes a word about what is being done
 */
public record Race(Pace pace, Consumer<String> progress) {
  /** The limit needs little time, as its loop does the same all along. */
  private static final double LIMIT_SECONDS = 0.1;

  private static final double LIMIT_WARM_UP_SECONDS = 1;

  /** Steps that take less than this part of the best before are notably faster. */
  private static final double NOTABLY = 0.95;

  /**
   * The time that a race takes.
   *
   * @param rounds turns of each contender, at least 1
   * @param seconds about how long a turn takes
   * @param warmUp the least seconds that each contender runs beforehand, for its code to be
   *     compiled and its memory touched
   */
  public record Pace(int rounds, double seconds, double warmUp) {}

  /**
   * A piece of work that is run and timed as one.
   *
   * @param name of the case
   * @param shape further figures by name that tell the case from others, none for a network
   * @param steps training steps or products
   * @param tokens that the steps read, without padding
   * @param flops floating-point operations of the matrix products
   * @param request that has a contender prepare it; see {@link BenchWorker}
   */
  public record Work(
      String name,
      Map<String, Object> shape,
      int steps,
      long tokens,
      double flops,
      String request) {}

  /**
   * A contender's measurements.
   *
   * @param rounds seconds of one run of the work, one for each round
   * @param bytes allocated in one run, the median, NaN where the contender does not tell
   * @param workspaceBytes of the buffers that it works in, or {@link Contender#UNKNOWN}
   * @param limit GFLOP/s that fused multiply-adds of its own kernels reach, NaN where it does not
   *     tell
   */
  public record Score(List<Double> rounds, double bytes, long workspaceBytes, double limit) {
    /** Returns the median of the seconds of one run. */
    public double seconds() {
      return median(rounds);
    }
  }

  /**
   * The outcome of one race.
   *
   * @param limits GFLOP/s of the machine, one of each round
   * @param scores by name, in the order of the contenders
   */
  public record Result(List<Double> limits, Map<String, Score> scores) {
    /** Returns the median limit. */
    public double limit() {
      return median(limits);
    }

    /** Returns the score of a contender; null where it took no part. */
    public Score score(String name) {
      return scores.get(name);
    }

    /**
     * Returns how many times as fast as another contender this one is: the median over the rounds
     * of the quotient within a round, in which both had the same machine.
     */
    public double ratio(String name, String other) {
      List<Double> ours = score(name).rounds();
      List<Double> theirs = score(other).rounds();
      return median(
          IntStream.range(0, ours.size()).mapToObj(i -> theirs.get(i) / ours.get(i)).toList());
    }
  }

  /**
   * Runs one workload.
   *
   * @param contenders ours first: it measures the limit too
   * @param workload the request that prepares it; see {@link BenchWorker}
   */
  public Result run(List<Contender> contenders, String workload) {
    Contender ours = contenders.get(0);
    long[] steps = new long[contenders.size()];
    for (int i = 0; i < steps.length; i++) {
      progress.accept("warming up " + contenders.get(i).name());
      contenders.get(i).prepare(workload);
      steps[i] = warmUp(contenders.get(i));
    }
    ours.limit(Math.min(LIMIT_WARM_UP_SECONDS, pace.warmUp()));
    List<Double> limits = new ArrayList<>();
    List<List<Contender.Sample>> samples = new ArrayList<>();
    contenders.forEach(contender -> samples.add(new ArrayList<>()));
    for (int round = 1; round <= pace.rounds(); round++) {
      progress.accept("round " + round + " of " + pace.rounds());
      limits.add(ours.limit(Math.min(LIMIT_SECONDS, pace.seconds())));
      for (int i = 0; i < steps.length; i++) {
        settle();
        Contender.Sample perStep = contenders.get(i).run(steps[i]);
        samples.get(i).add(perStep);
        steps[i] = turn(perStep.seconds());
      }
    }
    Map<String, Score> scores = new LinkedHashMap<>();
    for (int i = 0; i < steps.length; i++) {
      scores.put(contenders.get(i).name(), score(contenders.get(i), samples.get(i)));
    }
    return new Result(limits, scores);
  }

  /**
   * Lets the threads of whoever came before go to sleep: those of PyTorch watch for work for a
   * while, on the cores that the next one is to have.
   */
  private void settle() {
    LockSupport.parkNanos((long) (pace.seconds() / 8 * 1e9));
  }

  /** Returns a contender's limit, whose loop is compiled first. */
  private double limit(Contender contender) {
    contender.limit(Math.min(LIMIT_WARM_UP_SECONDS, pace.warmUp()));
    return contender.limit(Math.min(LIMIT_SECONDS, pace.seconds()));
  }

  private Score score(Contender contender, List<Contender.Sample> samples) {
    return new Score(
        samples.stream().map(Contender.Sample::seconds).toList(),
        median(samples.stream().map(Contender.Sample::bytes).toList()),
        contender.workspaceBytes(),
        contender.name().equals(Roster.PYTORCH) ? Double.NaN : limit(contender));
  }

  /**
   * Runs a contender for its time, and on until it has not become notably faster for half as long;
   * returns how many steps make up a turn.
   */
  private long warmUp(Contender contender) {
    double spent = 0;
    double improvedAt = 0;
    double best = Double.POSITIVE_INFINITY;
    long steps = 1;
    do {
      double perStep = contender.run(steps).seconds();
      spent += perStep * steps;
      if (perStep < NOTABLY * best) {
        best = perStep;
        improvedAt = spent;
      }
      steps = turn(perStep);
    } while (spent < pace.warmUp() || spent - improvedAt < pace.warmUp() / 2);
    return steps;
  }

  /** Returns how many steps take about as long as a turn. */
  private long turn(double secondsPerStep) {
    return Math.max(1, Math.round(pace.seconds() / Math.max(secondsPerStep, 1e-9)));
  }

  /** Returns the middle one, or the mean of the two in the middle. */
  public static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(value -> value).sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
