// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.PenaltySpec;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.Wire;
import picocli.CommandLine.Option;

/** The options of how a network is trained, but for the optimiser. */
@OptionRule.Group("Training")
final class TrainingOptions {
  @Option(
      names = "--batch",
      defaultValue = "50",
      paramLabel = "COUNT",
      description =
          "Streams of text, or rows of the other tasks, that are read side by side in a round,"
              + " over all shards together.")
  @Range(min = 1)
  int batch;

  @Option(
      names = "--window",
      defaultValue = "50",
      paramLabel = "STEPS",
      description = "Tokens of each stream in a round: how far back gradients reach.")
  @Range(min = 1)
  @OptionRule(tasks = TaskName.LM)
  int window;

  @Option(
      names = "--epochs",
      defaultValue = "10",
      paramLabel = "EPOCHS",
      description = "Passes over the training data.")
  @Range(min = 1)
  int epochs;

  @Option(
      names = "--max-steps",
      defaultValue = "0",
      paramLabel = "ROUNDS",
      description =
          "Stop after so many rounds of the whole run, even in the middle of an epoch: it is"
              + " validated and kept as far as it has come. Up to there the training is that of"
              + " --epochs; 0 for no limit.")
  @Range
  long maxSteps;

  @Option(
      names = "--patience",
      defaultValue = "0",
      paramLabel = "EPOCHS",
      description =
          "Without a better validation loss, or figure of the task, before stopping; 0 to go on to"
              + " the end.")
  @Range
  int patience;

  @Option(
      names = "--state",
      defaultValue = "carry",
      paramLabel = "STATE",
      description =
          "A window's first state: carry (from the window before), zero, random or learned.")
  @OptionRule(tasks = TaskName.LM)
  StateMode state;

  @Option(
      names = "--clip-norm",
      defaultValue = "5",
      paramLabel = "NORM",
      description = "Largest norm of the averaged gradient, 0 for no limit.")
  @Range
  double clipNorm;

  @Option(
      names = "--clip-value",
      defaultValue = "0",
      paramLabel = "VALUE",
      description = "Largest absolute element of the averaged gradient, 0 for no limit.")
  @Range
  double clipValue;

  @Option(
      names = "--l1",
      defaultValue = "0",
      paramLabel = "FACTOR",
      description = "Penalty: factor of the sum of absolute weights.")
  @Range
  double l1;

  @Option(
      names = "--l2",
      defaultValue = "0",
      paramLabel = "FACTOR",
      description = "Penalty: factor of half the sum of squared weights.")
  @Range
  double l2;

  @Option(
      names = "--penalty-recurrent-only",
      description = "Penalise only the recurrent matrices (default: all weights).")
  boolean penaltyRecurrentOnly;

  @Option(
      names = "--init",
      defaultValue = "pytorch",
      paramLabel = "SCHEME",
      description = "How parameters start: pytorch, uniform (within --init-range) or xavier.")
  InitSpec.Kind init;

  @Option(
      names = "--init-range",
      defaultValue = "0.1",
      paramLabel = "VALUE",
      description = "Of --init uniform: largest absolute value.")
  @Range(above = true)
  @OptionRule(of = "--init=uniform")
  double initRange;

  @Option(
      names = "--orthogonal",
      description = "Start recurrent matrices orthogonal, gate by gate (default: as --init).")
  boolean orthogonal;

  @Option(
      names = "--forget-bias",
      defaultValue = "0",
      paramLabel = "VALUE",
      description = "Of --cell lstm: added to the forget gate's first bias.")
  @Range(min = -1000, max = 1000)
  double forgetBias;

  @Option(
      names = "--eval-batch",
      paramLabel = "COUNT",
      description =
          "As --batch, of validation and test; fewer streams of text lose less context, and long rows"
              + " are fewer at a time (default: that of --batch).")
  @Range(min = 1)
  Integer evalBatch;

  /** Fills in what was not said and follows from the rest. */
  void complete() {
    evalBatch = evalBatch == null ? batch : evalBatch;
  }

  /** Returns the training with an update rule, once both are complete. */
  TrainSpec spec(OptimizerOptions rule, int shards, Wire wire, long seed) {
    return new TrainSpec(
        batch,
        window,
        epochs,
        shards,
        seed,
        state,
        rule.optimizerSpec(),
        rule.scheduleSpec(),
        new PenaltySpec(l1, l2, penaltyRecurrentOnly),
        new InitSpec(init, initRange, orthogonal, forgetBias),
        clipNorm,
        clipValue,
        patience,
        evalBatch,
        wire,
        maxSteps);
  }
}
