// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.data.Curriculum;
import org.unroll.rnn.train.TrainSpec.StateMode;

/** Training specifications for tests: small, seeded, and changed by name. */
final class Specs {
  private int batch = 4;
  private int window = 8;
  private RoundSpec round = RoundSpec.ONE;
  private int epochs = 1;
  private int shards = 1;
  private long seed = 1;
  private StateMode state = StateMode.CARRY;
  private OptimizerSpec optimizer = OptimizerSpec.of(OptimizerSpec.Kind.SGD, 0.1);
  private ScheduleSpec schedule = ScheduleSpec.CONSTANT;
  private PenaltySpec penalty = PenaltySpec.NONE;
  private InitSpec init = InitSpec.PYTORCH;
  private double clipNorm;
  private double clipValue;
  private int patience;
  private int evalBatch = 2;
  private Wire wire = Wire.FP32;
  private long maxSteps;
  private double ownTokens;
  private Curriculum.Kind curriculum = Curriculum.Kind.NONE;
  private LayerRates layers = LayerRates.EQUAL;

  static Specs train() {
    return new Specs();
  }

  Specs batch(int batch) {
    this.batch = batch;
    return this;
  }

  Specs window(int window) {
    this.window = window;
    return this;
  }

  Specs round(RoundSpec round) {
    this.round = round;
    return this;
  }

  Specs epochs(int epochs) {
    this.epochs = epochs;
    return this;
  }

  Specs wire(Wire wire) {
    this.wire = wire;
    return this;
  }

  Specs shards(int shards) {
    this.shards = shards;
    return this;
  }

  Specs seed(long seed) {
    this.seed = seed;
    return this;
  }

  Specs state(StateMode state) {
    this.state = state;
    return this;
  }

  Specs optimizer(OptimizerSpec.Kind kind, double lr) {
    this.optimizer = OptimizerSpec.of(kind, lr);
    return this;
  }

  Specs schedule(ScheduleSpec schedule) {
    this.schedule = schedule;
    return this;
  }

  Specs penalty(PenaltySpec penalty) {
    this.penalty = penalty;
    return this;
  }

  Specs init(InitSpec init) {
    this.init = init;
    return this;
  }

  Specs clipNorm(double clipNorm) {
    this.clipNorm = clipNorm;
    return this;
  }

  Specs clipValue(double clipValue) {
    this.clipValue = clipValue;
    return this;
  }

  Specs patience(int patience) {
    this.patience = patience;
    return this;
  }

  Specs evalBatch(int evalBatch) {
    this.evalBatch = evalBatch;
    return this;
  }

  Specs maxSteps(long maxSteps) {
    this.maxSteps = maxSteps;
    return this;
  }

  Specs ownTokens(double ownTokens) {
    this.ownTokens = ownTokens;
    return this;
  }

  Specs curriculum(Curriculum.Kind curriculum) {
    this.curriculum = curriculum;
    return this;
  }

  Specs layers(LayerRates layers) {
    this.layers = layers;
    return this;
  }

  TrainSpec build() {
    return new TrainSpec(
        batch,
        window,
        round,
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
        curriculum,
        layers);
  }
}
