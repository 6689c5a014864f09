// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.HashMap;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Sampling;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.TaskModel;
import org.unroll.spark.task.TrainJob;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command that shows in about a minute what this program does. */
@Command(
    name = "quickstart",
    description = "Trains a character model on a sample text, on this machine, and lets it write.",
    footer = {"", "The options are those of @conf/quickstart.args; options given here win."})
final class QuickstartCommand extends BaseCommand {
  private static final String SAMPLE = "data-samples/harbour/harbour.txt";
  private static final String OUT = "work/quickstart";
  private static final int TEXT_TOKENS = 600;
  private static final double TEMPERATURE = 0.7;

  @Mixin TrainOptions options;

  @Override
  String ownPreset() {
    return "conf/quickstart.args";
  }

  @Override
  Map<String, String> ownDefaults() {
    Map<String, String> defaults = new HashMap<>(super.ownDefaults());
    defaults.put("--input", SAMPLE);
    defaults.put("--out", OUT);
    return defaults;
  }

  @Override
  TaskName onlyTask() {
    return TaskName.LM;
  }

  @Override
  Map<String, Object> run() {
    if (options.data.input.isEmpty()) {
      options.data.input.add(invocation.presets().find(SAMPLE).toString());
    }
    if (options.run.out == null) {
      options.run.out = OUT;
    }
    options.run.overwrite |= isQuickstart(options.run.out);
    TrainRequest request =
        options.request(
            TaskName.LM, new TaskOptions(), new RowOptions(), seed, invocation.command());
    TrainJob.Trained trained =
        options.train(this, request, epoch -> Integer.bitCount(epoch) == 1); // powers of 2
    show(trained);
    return trained.figures();
  }

  /**
   * Returns whether a folder is what an earlier quick start left, which alone may be replaced
   * unasked.
   */
  private static boolean isQuickstart(String folder) {
    try {
      Object command = ModelStore.config(folder).provenance().get("command");
      return command instanceof String line && line.startsWith("scripts/unroll quickstart");
    } catch (InputException e) {
      return false;
    }
  }

  private void show(TrainJob.Trained trained) {
    String out = trained.request().run().out();
    String text =
        LanguageModel.Writer.of(TaskModel.of(ModelStore.read(out)))
            .text("", TEXT_TOKENS, new Sampling(TEMPERATURE, 0, 1, seed));
    result("\n" + text.strip() + "\n");
    result(ResultTable.text(trained.lines()));
    result(
        """

        Try next:
          scripts/unroll generate --model %1$s --prompt 'The harbour' --temperature 0.5
          scripts/unroll quickstart --cell gru --hidden 192 --epochs 20 --out work/gru
          scripts/unroll train --task lm --input YOUR.txt --valid-fraction 0.1 --out work/mine"""
            .formatted(out));
  }
}
