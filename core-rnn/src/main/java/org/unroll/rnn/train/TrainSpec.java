// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;
import org.unroll.rnn.data.Curriculum;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.math.Checks;

/**
 * The specification of a training. Together with the data and the model's specification it defines
 * the result to the bit; the number of workers and the kind of rounds are not part of it.
 *
 * @param batch B, streams over all shards together
 * @param window T, steps of backpropagation through time
 * @param round what every shard does in a round
 * @param epochs passes over the data
 * @param shards S, fixed slices of the data whose sums are added along one tree
 * @param seed of initialisation, dropout and random states
 * @param state where a window's state comes from
 * @param optimizer the update rule
 * @param schedule of the learning rate
 * @param penalty on weights
 * @param init how parameters start
 * @param clipNorm largest global gradient norm, 0 for no limit
 * @param clipValue largest absolute gradient element, 0 for no limit
 * @param patience epochs without a better validation loss (without validation data: training loss)
 *     before stopping, 0 to go on to the end
 * @param evalBatch streams of an evaluation over all shards together
 * @param wire how sums and parameters travel
 * @param maxSteps rounds after which to stop, even in the middle of an epoch, whose loss is then
 *     that of the rounds so far; 0 for no limit. The schedule stays that of {@code epochs}, so the
 *     updates are the first ones of the training without a limit
 * @param ownTokens which share of the tokens before a step a decoder has written itself in the last
 *     epoch (scheduled sampling, Bengio et al. 2015); it grows from epoch to epoch, from 0 in the
 *     first
 * @param curriculumKind which sequences are read in which epoch
 * @param layers what the rates of a network's parts are beside that of the whole
 */
public record TrainSpec(
    int batch,
    int window,
    RoundSpec round,
    int epochs,
    int shards,
    long seed,
    StateMode state,
    OptimizerSpec optimizer,
    ScheduleSpec schedule,
    PenaltySpec penalty,
    InitSpec init,
    double clipNorm,
    double clipValue,
    int patience,
    int evalBatch,
    Wire wire,
    long maxSteps,
    double ownTokens,
    Curriculum.Kind curriculumKind,
    LayerRates layers)
    implements Serializable {

  /** The sources of a training window's hidden state. Evaluation always carries it. */
  public enum StateMode {
    /** The window before (stateful truncated BPTT); zero at the start of an epoch. */
    CARRY,
    /** Zero for every window. */
    ZERO,
    /** Standard normal numbers for every window, drawn from (seed, step, shard). */
    RANDOM,
    /** A trained parameter for every window. */
    LEARNED
  }

  public TrainSpec {
    Checks.positive("batch", batch);
    Checks.positive("window", window);
    Checks.present("round", round);
    Checks.positive("epochs", epochs);
    Checks.positive("shards", shards);
    Checks.present("state", state);
    Checks.present("optimizer", optimizer);
    Checks.present("lr-schedule", schedule);
    Checks.present("penalty", penalty);
    Checks.present("init", init);
    Checks.notNegative("clip-norm", clipNorm);
    Checks.notNegative("clip-value", clipValue);
    Checks.notNegative("patience", patience);
    Checks.positive("eval-batch", evalBatch);
    Checks.present("wire", wire);
    Checks.notNegative("max-steps", maxSteps);
    if (round.isLocal() && schedule.kind() == ScheduleSpec.Kind.PLATEAU) {
      throw new IllegalArgumentException(
          "the rate of lr-schedule plateau follows from evaluations, which local-steps do not see");
    }
    Checks.present("curriculum", curriculumKind);
    Checks.present("lr-layers", layers);
    if (!(ownTokens >= 0 && ownTokens <= 1)) {
      throw new IllegalArgumentException(
          "scheduled-sampling must be in [0, 1] but was " + ownTokens);
    }
  }

  /**
   * Returns a part of a training, an evaluation or an update, for which the rest does not matter.
   */
  public static TrainSpec of(
      int window,
      int shards,
      StateMode state,
      int evalBatch,
      OptimizerSpec optimizer,
      double clipNorm) {
    return new TrainSpec(
        1,
        window,
        RoundSpec.ONE,
        1,
        shards,
        0,
        state,
        optimizer,
        ScheduleSpec.CONSTANT,
        PenaltySpec.NONE,
        InitSpec.PYTORCH,
        clipNorm,
        0,
        0,
        evalBatch,
        Wire.FP32,
        0,
        0,
        Curriculum.Kind.NONE,
        LayerRates.EQUAL);
  }

  /** Returns the same training with other rounds. */
  public TrainSpec with(RoundSpec other) {
    return new TrainSpec(
        batch,
        window,
        other,
        epochs,
        shards,
        seed,
        state,
        optimizer,
        schedule,
        penalty,
        init,
        clipNorm,
        clipValue,
        patience,
        evalBatch,
        wire,
        maxSteps,
        ownTokens,
        curriculumKind,
        layers);
  }

  /** Returns which sequences are read in which epoch. */
  Curriculum curriculum() {
    return new Curriculum(curriculumKind, epochs);
  }

  /** Returns the share of the tokens before a step that a decoder writes itself in an epoch. */
  double ownTokens(int epoch) {
    return epochs == 1 ? 0 : ownTokens * Math.min(epoch, epochs - 1) / (epochs - 1);
  }

  /** Returns the plan by which the tokens of a split are cut into streams and shards. */
  public StreamPlan plan(Split split, long tokens) {
    return new StreamPlan(tokens, split == Split.TRAIN ? batch : evalBatch, shards, window);
  }
}
