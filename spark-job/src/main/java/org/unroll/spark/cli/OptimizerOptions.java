// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.ScheduleSpec;
import picocli.CommandLine.Option;

/** The update rule and its rate over the run. */
@Heading("Optimiser")
final class OptimizerOptions {
  @Option(
      names = "--optimizer",
      defaultValue = "adam",
      paramLabel = "RULE",
      description =
          "sgd, momentum, rmsprop, adagrad, adam or adamw, with PyTorch's constants"
              + " (default: ${DEFAULT-VALUE}).")
  OptimizerSpec.Kind optimizer;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description =
          "Learning rate, for the loss averaged over all tokens of a round (default: 0.002 for adam,"
              + " adamw and rmsprop, 0.02 for adagrad, 0.1 for momentum, 1 for sgd).")
  @Range(above = true)
  Double lr;

  @Option(
      names = "--momentum",
      defaultValue = "0.9",
      paramLabel = "DECAY",
      description = "Of --optimizer momentum: decay of the velocity (default: ${DEFAULT-VALUE}).")
  @Range(max = 1, below = true)
  double momentum;

  @Option(
      names = "--nesterov",
      description = "Of --optimizer momentum: look ahead (default: do not).")
  @GivesWay(
      to = {
        "--optimizer=sgd",
        "--optimizer=rmsprop",
        "--optimizer=adagrad",
        "--optimizer=adam",
        "--optimizer=adamw"
      })
  boolean nesterov;

  @Option(
      names = "--weight-decay",
      defaultValue = "0.01",
      paramLabel = "FACTOR",
      description = "Of --optimizer adamw: decoupled decay (default: ${DEFAULT-VALUE}).")
  @Range
  double weightDecay;

  @Option(
      names = "--lr-schedule",
      defaultValue = "constant",
      paramLabel = "RULE",
      description =
          "constant, step, exponential (a step every epoch), cosine (over the run) or plateau (a step"
              + " when the validation loss stalls) (default: ${DEFAULT-VALUE}).")
  ScheduleSpec.Kind schedule;

  @Option(
      names = "--lr-decay",
      paramLabel = "FACTOR",
      description =
          "What a step multiplies the rate with (default: 0.5); of cosine, the fraction of the rate"
              + " at the end (default: 0).")
  @Range(max = 1)
  Double decay;

  @Option(
      names = "--lr-decay-every",
      defaultValue = "1",
      paramLabel = "EPOCHS",
      description =
          "Of step: from one step to the next; of plateau: without improvement before a step"
              + " (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int decayEvery;

  @Option(
      names = "--lr-decay-after",
      defaultValue = "0",
      paramLabel = "EPOCHS",
      description =
          "Of step and exponential: first epochs at the full rate (default: ${DEFAULT-VALUE}).")
  @Range
  int decayAfter;

  @Option(
      names = "--warmup",
      defaultValue = "0",
      paramLabel = "ROUNDS",
      description = "In which the rate rises linearly from 0 (default: ${DEFAULT-VALUE}).")
  @Range
  long warmup;

  void check() {
    if (nesterov && (optimizer != OptimizerSpec.Kind.MOMENTUM || momentum == 0)) {
      throw new InputException(
          "--nesterov needs --optimizer momentum with a --momentum above 0, but they are "
              + LowerCaseEnum.name(optimizer)
              + " and "
              + momentum
              + ".");
    }
    if (decay != null && decay == 0 && schedule != ScheduleSpec.Kind.COSINE) {
      throw new InputException(
          "--lr-decay 0 would end the training at the first step of the rate: give a factor above 0,"
              + " or --lr-schedule cosine.");
    }
  }

  OptimizerSpec optimizerSpec() {
    OptimizerSpec constants = OptimizerSpec.of(optimizer, lr == null ? usualRate() : lr);
    return new OptimizerSpec(
        optimizer,
        constants.lr(),
        momentum,
        nesterov,
        constants.alpha(),
        constants.beta1(),
        constants.beta2(),
        constants.epsilon(),
        weightDecay);
  }

  private double usualRate() {
    return switch (optimizer) {
      case SGD -> 1;
      case MOMENTUM -> 0.1;
      case ADAGRAD -> 0.02;
      case RMSPROP, ADAM, ADAMW -> 0.002;
    };
  }

  ScheduleSpec scheduleSpec() {
    double usual = schedule == ScheduleSpec.Kind.COSINE ? 0 : 0.5;
    double factor = decay == null ? usual : decay;
    return new ScheduleSpec(schedule, factor, decayEvery, decayAfter, warmup);
  }
}
