// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.unroll.spark.report.ByLength;
import org.unroll.spark.task.TrainJob;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that trains a model of any task. */
@Command(name = "train", description = "Trains a model on Spark.")
final class TrainCommand extends BaseCommand {
  @Option(
      names = "--task",
      description =
          "What to learn: lm (a language model), classify (a class for every sequence), tag (a"
              + " label for every step), forecast (the next numbers of a series, or the number of"
              + " a label), state (a vector for every step of an agent, from its observations and"
              + " actions, that predicts the next observation), recognise (the text that a"
              + " sequence says), translate (a text in another language), caption (what can be said"
              + " of a picture) or execute (what a program prints).")
  TaskName task = TaskName.LM;

  @Option(
      names = "--start",
      paramLabel = "MODEL",
      description =
          "Start from the parts of this model (a folder, or registry:DIR/NAME@VERSION), of any task,"
              + " that fit: vectors by token, layers of the same cell and width, a head of the same"
              + " kind by label; all else is drawn as --init says. To go on with a whole model there"
              + " is --from (default: all is drawn).")
  @OptionRule(
      setting = false,
      notWith = {"--from", "--embeddings"},
      why = "both say what parameters start from")
  String start;

  @Mixin TrainOptions options;

  @Mixin RowOptions rowOptions;

  @Mixin TaskOptions own;

  @Override
  Map<String, Object> run() {
    TrainJob.Trained trained = options.train(this, asked(), epoch -> false);
    result(ResultTable.text(trained.lines()));
    ByLength lengths = trained.outcome().findings().lengths();
    if (!lengths.isEmpty()) {
      result("\n" + ResultTable.of(lengths.table()));
    }
    return trained.figures();
  }

  /** Returns what was asked for by the words of this call. */
  TrainRequest asked() {
    new OptionRules(spec).checkTask(task);
    return request(invocation.command());
  }

  /**
   * Returns what the options ask for.
   *
   * @param line the command as a person would type it again
   * @throws org.unroll.rnn.io.InputException if something is missing or cannot be
   */
  TrainRequest request(String line) {
    TrainRequest request = options.request(task, own, rowOptions, seed, line);
    return start == null ? request : request.startingFrom(options.run.parts(start));
  }
}
