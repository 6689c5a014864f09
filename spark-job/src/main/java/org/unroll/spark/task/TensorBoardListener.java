// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.RoundMetrics;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.Window;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.store.TensorBoardFile;

/**
 * Writes the course of a training for TensorBoard: the settings as a text, and against steps the
 * figures of epochs and of some rounds. A training that cannot write them any more goes on without.
 */
final class TensorBoardListener implements TrainListener, AutoCloseable {
  /** The rounds of an epoch that are told, at most: charts have no more points. */
  private static final int ROUNDS = 100;

  private final String folder;
  private final Measure measure;
  private final Map<String, Object> settings;
  private final Terminal terminal;
  private TensorBoardFile file;
  private long firstStep;

  /** Whether there is no use in writing. */
  private boolean failed;

  /**
   * Makes a listener of one training.
   *
   * @param folder null for nothing to be written
   * @param measure what is told of an epoch
   * @param settings of the training by name
   */
  TensorBoardListener(
      String folder, Measure measure, Map<String, Object> settings, Terminal terminal) {
    this.folder = folder;
    this.measure = measure;
    this.settings = settings;
    this.terminal = terminal;
    failed = folder == null;
  }

  @Override
  public void resumed(Window next, List<EpochMetrics> past) {
    firstStep = next.step() + 1;
  }

  @Override
  public void round(RoundMetrics round) {
    int every = Math.max(1, round.windows() / ROUNDS);
    if (round.window() % every == 0) {
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("round/loss", round.loss().mean());
      values.put("round/learning_rate", round.lr());
      values.put("round/gradient_norm", round.gradientNorm());
      values.put("round/" + measure.rateName(), round.loss().weight() / round.seconds());
      write(() -> file.scalars(round.step(), values));
    }
  }

  @Override
  public void epoch(EpochMetrics epoch, boolean best, float[] params) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("epoch/loss", epoch.train().mean());
    if (epoch.valid() != null) {
      values.put("epoch/valid_loss", epoch.valid().mean());
    }
    if (!Double.isNaN(measure.value(epoch))) {
      values.put("epoch/" + measure.name(), measure.value(epoch));
    }
    values.put("epoch/learning_rate", epoch.lr());
    values.put("epoch/gradient_norm", epoch.gradientNorm());
    values.put("epoch/" + measure.rateName(), epoch.tokensPerSecond());
    values.put("epoch/seconds", epoch.seconds());
    write(
        () -> {
          file.scalars(epoch.step(), values);
          file.flush();
        });
  }

  private void write(Runnable writing) {
    if (failed) {
      return;
    }
    try {
      if (file == null) {
        file = TensorBoardFile.begin(folder, firstStep);
        file.text(firstStep, "settings", table());
        file.flush();
      }
      writing.run();
    } catch (UncheckedIOException e) {
      failed = true;
      terminal.note(e.getMessage() + ". The training goes on without --tensorboard.");
    }
  }

  /** Returns the settings as a table of Markdown. */
  private String table() {
    StringBuilder table = new StringBuilder("| setting | value |\n|---|---|\n");
    settings.forEach(
        (name, value) ->
            table.append(
                "| %s | %s |\n".formatted(name, String.valueOf(value).replace("|", "\\|"))));
    return table.toString();
  }

  @Override
  public void close() {
    if (file != null && !failed) {
      write(file::close);
    }
  }
}
