// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.data.Curriculum;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.PenaltySpec;
import org.unroll.rnn.train.RoundSpec;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.Wire;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of how a network is trained. */
@OptionRule.Group("Training")
final class TrainingOptions {
  @Option(
      names = "--batch",
      paramLabel = "COUNT",
      description =
          "Streams of text, or rows of the other tasks, that are read side by side in a round,"
              + " over all shards together.")
  @Range(min = 1)
  int batch = 50;

  @Option(
      names = "--window",
      paramLabel = "STEPS",
      description = "Tokens of each stream in a round: how far back gradients reach.")
  @Range(min = 1)
  @OptionRule(tasks = TaskName.LM)
  int window = 50;

  @Option(
      names = "--accumulate",
      paramLabel = "COUNT",
      description =
          "Windows of text, or batches of rows, whose gradients are added up for one step of the"
              + " optimiser: a round has so many. The step divides once by all that was scored in"
              + " it, as that of a batch so many times as large; state goes on from window to"
              + " window.")
  @Range(min = 1)
  int accumulate = 1;

  @Option(
      names = "--local-steps",
      paramLabel = "COUNT",
      description =
          "Steps of the optimiser that every shard makes by itself in a round, before parameters and"
              + " moments are averaged over all shards (local SGD): fewer bytes, and another result,"
              + " whose loss may be higher.")
  @Range(min = 1)
  @OptionRule(
      notWith = "--lr-schedule=plateau",
      why = "do not go together, since shards see no evaluation that would tell their rate")
  int localSteps = 1;

  @Option(names = "--epochs", description = "Passes over the training data.")
  @Range(min = 1)
  int epochs = 10;

  @Option(
      names = "--max-steps",
      paramLabel = "ROUNDS",
      description =
          "Stop after so many rounds of the whole run, even in the middle of an epoch: it is"
              + " validated and kept as far as it has come. Up to there the training is that of"
              + " --epochs; 0 for no limit.")
  @Range
  long maxSteps = 0;

  @Option(
      names = "--patience",
      paramLabel = "EPOCHS",
      description =
          "Without a better validation loss, or figure of the task, before stopping; 0 to go on to"
              + " the end.")
  @Range
  int patience = 0;

  @Option(
      names = "--state",
      description =
          "A window's first state: carry (from the window before), zero, random or learned.")
  @OptionRule(tasks = TaskName.LM)
  StateMode state = StateMode.CARRY;

  @Option(
      names = "--clip-norm",
      description = "Largest norm of the averaged gradient, 0 for no limit.")
  @Range
  double clipNorm = 5;

  @Option(
      names = "--clip-value",
      description = "Largest absolute element of the averaged gradient, 0 for no limit.")
  @Range
  double clipValue = 0;

  @Option(
      names = "--l1",
      paramLabel = "FACTOR",
      description = "Penalty: factor of the sum of absolute weights.")
  @Range
  double l1 = 0;

  @Option(
      names = "--l2",
      paramLabel = "FACTOR",
      description = "Penalty: factor of half the sum of squared weights.")
  @Range
  double l2 = 0;

  @Option(
      names = "--penalty-recurrent-only",
      description = "Penalise only the recurrent matrices (default: all weights).")
  @OptionRule(needs = {"--l1", "--l2"})
  boolean penaltyRecurrentOnly;

  @Option(
      names = "--init",
      paramLabel = "SCHEME",
      description = "How parameters start: pytorch, uniform (within --init-range) or xavier.")
  InitSpec.Kind init = InitSpec.Kind.PYTORCH;

  @Option(
      names = "--init-range",
      paramLabel = "VALUE",
      description = "Of --init uniform: largest absolute value.")
  @Range(above = true)
  @OptionRule(needs = "--init=uniform")
  double initRange = 0.1;

  @Option(
      names = "--orthogonal",
      description = "Start recurrent matrices orthogonal, gate by gate (default: as --init).")
  boolean orthogonal;

  @Option(
      names = "--forget-bias",
      paramLabel = "VALUE",
      description = "Of --cell lstm: added to the forget gate's first bias.")
  @Range(min = -1000, max = 1000)
  @OptionRule(needs = "--cell=lstm")
  double forgetBias = 0;

  @Option(
      names = "--eval-batch",
      paramLabel = "COUNT",
      description =
          "As --batch, of validation and test; fewer streams of text lose less context, and long rows"
              + " are fewer at a time (default: that of --batch).")
  @Range(min = 1)
  Integer evalBatch;

  @Option(
      names = "--scheduled-sampling",
      paramLabel = "SHARE",
      description =
          "Of translate, caption and execute: share of the tokens before a step that the decoder has"
              + " written itself in the last epoch; it grows from 0 in the first (Bengio et al."
              + " 2015).")
  @Range(max = 1)
  @OptionRule(tasks = {TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
  double scheduledSampling = 0;

  @Option(
      names = "--curriculum",
      description =
          "Of translate, caption and execute: none reads all rows in every epoch; naive begins with"
              + " the shortest and has more from epoch to epoch; combined makes half of every epoch"
              + " so (Zaremba and Sutskever 2014).")
  @OptionRule(tasks = {TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
  Curriculum.Kind curriculum = Curriculum.Kind.NONE;

  @Mixin OptimizerOptions rule;

  /** Fills in what was not said and follows from the rest. */
  void complete() {
    rule.complete();
    evalBatch = evalBatch == null ? batch : evalBatch;
  }

  /** Returns the training, once its options are complete. */
  TrainSpec spec(int shards, Wire wire, long seed) {
    return new TrainSpec(
        batch,
        window,
        new RoundSpec(accumulate, localSteps),
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
        maxSteps,
        scheduledSampling,
        curriculum,
        rule.layerRates());
  }
}
