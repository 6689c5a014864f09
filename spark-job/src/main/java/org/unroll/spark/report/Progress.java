// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.RoundMetrics;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.Window;

/**
 * Shows how a training is doing: on a terminal one line that is rewritten, in a log a line every
 * ten seconds, in both a line for every epoch; on its page what it does at the moment.
 */
public final class Progress implements TrainListener {
  private static final double TERMINAL_SECONDS = 0.1;
  private static final double LOG_SECONDS = 10;
  private static final double PAGE_SECONDS = 1;

  /** The least duration of an epoch that has a line in any case. */
  private static final double EPOCH_SECONDS = 0.5;

  /** The first rounds, which say little about others: the JVM compiles, connections are made. */
  private static final int WARM_UP_ROUNDS = 3;

  /** The share of its weight that a round's figures keep from one round to the next. */
  private static final double MEMORY = 0.97;

  private static final String GAP = "  ";
  private static final int[] LEAST_NEEDED_FIRST = {1, 3, 4, 2};

  private final Terminal terminal;
  private final LivePage live;
  private final int epochs;
  private final long maxSteps;
  private final Measure measure;
  private final LongSupplier nanoTime;
  private long start;
  private long resumedStep;
  private long firstStep;
  private long lastShown;
  private long lastTold;
  private long lastEpochShown;
  private double loss;
  private double tokens;
  private double seconds;
  private final Map<String, Double> parts = new LinkedHashMap<>();

  /**
   * Follows one training.
   *
   * @param live the training's page
   * @param epochs at most
   * @param maxSteps rounds at most, 0 for no limit
   * @param measure what is told of an epoch
   * @param nanoTime a clock such as {@link System#nanoTime}
   */
  public Progress(
      Terminal terminal,
      LivePage live,
      int epochs,
      long maxSteps,
      Measure measure,
      LongSupplier nanoTime) {
    this.terminal = terminal;
    this.live = live;
    this.epochs = epochs;
    this.maxSteps = maxSteps;
    this.measure = measure;
    this.nanoTime = nanoTime;
  }

  @Override
  public void started(int windows, float[] params) {
    start = nanoTime.getAsLong();
    lastShown = start;
    lastTold = start;
  }

  @Override
  public void resumed(Window next, List<EpochMetrics> past) {
    resumedStep = next.step();
    firstStep = next.step();
  }

  @Override
  public void round(RoundMetrics round) {
    loss = MEMORY * loss + round.loss().sum();
    tokens = MEMORY * tokens + round.loss().weight();
    seconds = MEMORY * seconds + round.seconds();
    round.times().parts().forEach((part, s) -> parts.merge(part, s, (old, p) -> MEMORY * old + p));
    long now = nanoTime.getAsLong();
    if (round.step() - resumedStep <= WARM_UP_ROUNDS) {
      start = now;
      firstStep = round.step();
    }
    if ((now - lastTold) / 1e9 >= PAGE_SECONDS) {
      lastTold = now;
      live.tell(line(round, secondsLeft(round, now), Integer.MAX_VALUE));
    }
    double interval = terminal.interactive() ? TERMINAL_SECONDS : LOG_SECONDS;
    if ((now - lastShown) / 1e9 < interval) {
      return;
    }
    lastShown = now;
    // The terminal leaves one column free.
    String line = line(round, secondsLeft(round, now), terminal.width() - 1);
    if (terminal.interactive()) {
      terminal.status(line);
    } else {
      terminal.note(line);
    }
  }

  /**
   * Returns the seconds to come. Evaluations count: what has been spent on a round so far, all in
   * all, will be spent on those to come.
   */
  private double secondsLeft(RoundMetrics round, long now) {
    long rounds = Math.max(1, round.step() - firstStep);
    long all = (long) epochs * round.windows();
    all = maxSteps > 0 ? Math.min(maxSteps, all) : all;
    return (now - start) / 1e9 / rounds * (all - round.step());
  }

  /**
   * Returns the line of a round. In a log, and where there is room on a terminal, it ends with
   * where the time of a round goes.
   */
  private String line(RoundMetrics round, double left, int width) {
    String line =
        fit(
            List.of(
                "epoch " + round.epoch() + "/" + epochs,
                "round " + round.window() + "/" + round.windows(),
                "loss " + Figures.loss(loss / tokens),
                Figures.rate(tokens / seconds) + perSecond(),
                Figures.duration(left) + " left"),
            width);
    int room = terminal.interactive() ? width - line.length() - GAP.length() : Integer.MAX_VALUE;
    String times = RoundFigures.shares(parts, room);
    return times.isEmpty() ? line : line + GAP + times;
  }

  private String perSecond() {
    return " " + measure.counted() + "/s";
  }

  /** Puts parts beside each other; where they are too many for the width, some are left out. */
  static String fit(List<String> parts, int width) {
    List<String> kept = new ArrayList<>(parts);
    for (int part : LEAST_NEEDED_FIRST) {
      if (String.join(GAP, kept).length() > width) {
        kept.remove(parts.get(part));
      }
    }
    String line = String.join(GAP, kept);
    return line.length() <= width ? line : line.substring(0, Math.max(0, width));
  }

  @Override
  public void epoch(EpochMetrics epoch, boolean best, float[] params) {
    long now = nanoTime.getAsLong();
    boolean early = epoch.epoch() > 1 && (now - lastEpochShown) / 1e9 < EPOCH_SECONDS;
    if (early && epoch.epoch() < epochs) {
      return;
    }
    lastEpochShown = now;
    StringBuilder line = new StringBuilder("epoch " + epoch.epoch() + "/" + epochs);
    line.append("  train ").append(Figures.loss(epoch.train().mean()));
    if (epoch.valid() != null) {
      line.append("  valid ").append(Figures.loss(epoch.valid().mean()));
    }
    if (measure.tells(epoch)) {
      line.append("  ").append(measure.name()).append(' ').append(measure.text(epoch));
    }
    line.append("  lr ").append(Figures.significant(epoch.lr()));
    line.append("  ").append(Figures.rate(epoch.tokensPerSecond())).append(perSecond());
    line.append("  ").append(Figures.duration(epoch.seconds()));
    terminal.note(line.append(best ? "  best" : "").toString());
  }
}
