// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.registry.DataWindow;
import org.unroll.spark.registry.Guards;
import org.unroll.spark.registry.MlflowClient;
import picocli.CommandLine.Option;

/** The options of a scheduled retraining: its registry, its data, and when a model is promoted. */
@OptionRule.Group(value = "Retraining", settings = false)
final class RetrainOptions {
  /** What the parameters of a challenger start from. */
  enum Start {
    CHAMPION,
    ANEW
  }

  /** The option for a length of time, which is typed as --window as well. */
  static final String LENGTH = "--data-window";

  @Option(
      names = LENGTH,
      paramLabel = "DAYS",
      description =
          "Learn the files of so many days or weeks, as in 30d or 4w, by the day of their partition"
              + " (day=2026-11-28) or, without one, of their last change; --window 30d says the same"
              + " (default: what no run has seen before; all where there is no champion, or with"
              + " --start anew).")
  @OptionRule(
      notWith = {"--since", "--all"},
      why = "both say which files are learnt")
  String window;

  @Option(
      names = "--since",
      paramLabel = "DATE",
      description = "Learn the files of this day and later ones (default: as --data-window).")
  @OptionRule(notWith = "--all", why = "both say which files are learnt")
  String since;

  @Option(
      names = "--all",
      description = "Learn all files that are there (default: as --data-window).")
  boolean all;

  @Option(
      names = "--start",
      description =
          "What parameters start from: champion, with an optimiser and a learning rate that begin"
              + " anew, or anew, from a draw.")
  Start start = Start.CHAMPION;

  @Option(
      names = "--warm-lr",
      paramLabel = "RATE",
      description = "Learning rate of a training that starts from the champion (default: --lr).")
  @Range(above = true)
  @OptionRule(notWith = "--start=anew", why = "do not go together, since nothing is warm then")
  Double warmRate;

  @Option(
      names = "--min-improvement",
      paramLabel = "SCORE",
      description =
          "Promote a challenger only if its score is better by so much on the rows that judge;"
              + " below 0, so much worse it may be.")
  double minImprovement = 0;

  @Option(
      names = "--max-regression",
      paramLabel = "SCORE",
      description =
          "Do not promote a challenger that is surely worse, and by more than this, on the rows of"
              + " a label, of a slice, or of the files that were there before.")
  @Range
  double maxRegression = 0.02;

  @Option(
      names = "--slice",
      paramLabel = "COLUMN",
      description =
          "A column whose values part the rows that judge, and each part is guarded; repeatable"
              + " (default: none but the labels).")
  @OptionRule(notTasks = TaskName.LM)
  List<String> slices = new ArrayList<>();

  @Option(
      names = "--slice-rows",
      paramLabel = "ROWS",
      description = "Least rows of a label or a slice that is guarded.")
  @Range(min = 1)
  long sliceRows = 100;

  @Option(
      names = "--certain",
      description =
          "Promote a challenger only if the whole interval of the difference is at least"
              + " --min-improvement (default: the difference itself is enough).")
  boolean certain;

  @Option(
      names = "--lock-expiry",
      paramLabel = "SECONDS",
      description =
          "The lock of a run that has shown no life for so long is taken over; it shows some every"
              + " two seconds.")
  @Range(min = 10)
  int lockExpiry = 60;

  @Option(
      names = "--fail-if-locked",
      description = "End with exit code 1 where another run has the registry (default: with 0).")
  boolean failIfLocked;

  @Option(
      names = "--exit-on-nothing",
      paramLabel = "CODE",
      description = "Exit code where there is nothing new, as 99 for Airflow to skip what follows.")
  @Range(max = 255)
  int exitOnNothing = 0;

  @Option(
      names = "--confidence",
      paramLabel = "SHARE",
      description = "Share of differences that lie inside of an interval.")
  @Range(above = true, max = 1, below = true)
  double confidence = 0.95;

  @Option(
      names = "--now",
      paramLabel = "TIME",
      description =
          "The time that the run takes for now, as in 2026-11-28T03:00:00Z, for backfills and"
              + " schedulers with a logical date (default: the clock's).")
  String now;

  @Option(
      names = "--mlflow",
      paramLabel = "URI",
      description =
          "Tell a server of MLflow of the run and its version, as in http://host:5000; that it is"
              + " away fails nothing (default: nobody).")
  String mlflow;

  /** Returns what tells the time. */
  InstantSource clock() {
    if (now == null) {
      return InstantSource.system();
    }
    try {
      return InstantSource.fixed(Instant.parse(now));
    } catch (DateTimeException e) {
      throw new InputException(
          "--now %s is no time: write it as in 2026-11-28T03:00:00Z.".formatted(now), e);
    }
  }

  /** Returns the server of MLflow, or null. */
  URI server() {
    return mlflow == null ? null : MlflowClient.address(mlflow);
  }

  /** Returns which files are learnt. */
  DataWindow dataWindow() {
    Duration length = window == null ? null : DataWindow.length(window);
    return new DataWindow(all, length, since == null ? null : day(since));
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new InputException(
          "--since %s is no day: write it as in 2026-11-28.".formatted(text), e);
    }
  }

  Guards guards() {
    return new Guards(minImprovement, maxRegression, sliceRows, certain);
  }

  Duration expiry() {
    return Duration.ofSeconds(lockExpiry);
  }
}
