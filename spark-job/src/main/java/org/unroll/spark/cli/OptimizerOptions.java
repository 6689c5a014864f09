// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.LayerRates;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.ScheduleSpec;
import picocli.CommandLine.Option;

/** The options of the update rule and of its rate over the run. */
@OptionRule.Group("Optimiser")
final class OptimizerOptions {
  @Option(
      names = "--optimizer",
      paramLabel = "RULE",
      description = "sgd, momentum, rmsprop, adagrad, adam or adamw, with PyTorch's constants.")
  OptimizerSpec.Kind optimizer = OptimizerSpec.Kind.ADAM;

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
      paramLabel = "DECAY",
      description = "Of --optimizer momentum: decay of the velocity.")
  @Range(max = 1, below = true)
  @OptionRule(needs = "--optimizer=momentum")
  double momentum = 0.9;

  @Option(
      names = "--nesterov",
      description = "Of --optimizer momentum: look ahead (default: do not).")
  @OptionRule(
      needs = "--optimizer=momentum",
      notWith = "--momentum=0",
      why = "do not go together, since a velocity of nothing cannot be looked ahead of")
  boolean nesterov;

  @Option(
      names = "--weight-decay",
      paramLabel = "FACTOR",
      description = "Of --optimizer adamw: decoupled decay.")
  @Range
  @OptionRule(needs = "--optimizer=adamw")
  double weightDecay = 0.01;

  @Option(
      names = "--lr-schedule",
      paramLabel = "RULE",
      description =
          "constant, step, exponential (a step every epoch), cosine (over the run) or plateau (a"
              + " step when the validation loss stalls).")
  @OptionRule(
      when = "plateau",
      needs = {"--valid", "--valid-fraction", "--hold-out"})
  ScheduleSpec.Kind schedule = ScheduleSpec.Kind.CONSTANT;

  @Option(
      names = "--lr-decay",
      paramLabel = "FACTOR",
      description =
          "What a step multiplies the rate with (default: 0.5); of cosine, the fraction of the rate"
              + " at the end (default: 0).")
  @Range(max = 1)
  @OptionRule(needs = "--lr-schedule")
  Double decay;

  @Option(
      names = "--lr-decay-every",
      paramLabel = "EPOCHS",
      description =
          "Of step: from one step to the next; of plateau: without improvement before a step.")
  @Range(min = 1)
  @OptionRule(needs = {"--lr-schedule=step", "--lr-schedule=plateau"})
  int decayEvery = 1;

  @Option(
      names = "--lr-decay-after",
      paramLabel = "EPOCHS",
      description = "Of step and exponential: first epochs at the full rate.")
  @Range
  @OptionRule(needs = {"--lr-schedule=step", "--lr-schedule=exponential"})
  int decayAfter = 0;

  @Option(
      names = "--warmup",
      paramLabel = "ROUNDS",
      description = "In which the rate rises linearly from 0.")
  @Range
  long warmup = 0;

  @Option(
      names = "--lr-layers",
      paramLabel = "RATES",
      description =
          "Rates of the network's parts beside --lr. One number, as in 0.4: each part's rate is so"
              + " many times that of the part above it. Or parts, as in embedding=0,rnn.0=0.2: what"
              + " multiplies the rate of each, and 0 leaves it as it starts. Parts are embedding,"
              + " rnn.0 and further layers, target (what writes) and head (default: one rate for"
              + " all).")
  String layers;

  @Option(
      names = "--unfreeze-every",
      paramLabel = "EPOCHS",
      description =
          "Train only the head at first, and one more part below it every so many epochs (Howard and"
              + " Ruder 2018); 0 for all from the beginning.")
  @Range
  int unfreezeEvery = 0;

  /**
   * Fills in what was not said and follows from the rest.
   *
   * @throws InputException if the rate would fall to nothing at once
   */
  void complete() {
    boolean cosine = schedule == ScheduleSpec.Kind.COSINE;
    lr = lr == null ? usualRate() : lr;
    layerRates();
    decay = decay == null ? (cosine ? 0 : 0.5) : decay;
    if (decay == 0 && !cosine) {
      throw new InputException(
          "--lr-decay 0 would end the training at the first step of the rate: give a factor above 0,"
              + " or --lr-schedule cosine.");
    }
  }

  private double usualRate() {
    return switch (optimizer) {
      case SGD -> 1;
      case MOMENTUM -> 0.1;
      case ADAGRAD -> 0.02;
      case RMSPROP, ADAM, ADAMW -> 0.002;
    };
  }

  /** Returns the update rule, once the options are complete. */
  OptimizerSpec optimizerSpec() {
    OptimizerSpec constants = OptimizerSpec.of(optimizer, lr);
    return new OptimizerSpec(
        optimizer,
        lr,
        momentum,
        nesterov,
        constants.alpha(),
        constants.beta1(),
        constants.beta2(),
        constants.epsilon(),
        weightDecay);
  }

  /** Returns the rate over the run, once the options are complete. */
  ScheduleSpec scheduleSpec() {
    return new ScheduleSpec(schedule, decay, decayEvery, decayAfter, warmup);
  }

  /**
   * Returns the rates of the network's parts.
   *
   * @throws InputException if they cannot be read
   */
  LayerRates layerRates() {
    double falling = 1;
    Map<String, Double> factors = new LinkedHashMap<>();
    try {
      if (layers != null && !layers.contains("=")) {
        falling = Double.parseDouble(layers.strip());
      } else if (layers != null) {
        for (String word : layers.split(",")) {
          String[] sides = word.strip().split("\\s*=\\s*", 2);
          if (factors.put(sides[0], Double.parseDouble(sides[1])) != null) {
            throw new InputException(
                "--lr-layers %s names %s twice: give each part one number."
                    .formatted(layers, sides[0]));
          }
        }
      }
      return new LayerRates(falling, factors, unfreezeEvery);
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw new InputException(
          ("--lr-layers %s cannot be read: give one number above 0, as in 0.4, or parts with a number"
                  + " of at least 0 each, as in embedding=0,rnn.0=0.2.")
              .formatted(layers),
          e);
    }
  }
}
