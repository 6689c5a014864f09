// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.ModelRunner;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.network.PoolingType;
import org.unroll.rnn.network.ReaderModel;
import org.unroll.rnn.network.ReaderRunner;
import org.unroll.rnn.network.ReaderSpec;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.EncoderSpec;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.PenaltySpec;
import org.unroll.rnn.train.RandomUse;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.UpdateStep;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Wire;

/**
 * The measured training steps of a {@link TrainingCase}: forward and backward, mean gradient,
 * clipping, update. Tokens and classes are uniformly random, which costs an embedding more than
 * text does, and drawn beforehand; dropout masks are drawn in every step, as in training.
 */
final class TrainingSteps implements Runnable {
  private static final InitSpec INIT = InitSpec.PYTORCH;
  private static final double CLIP_NORM = 5;

  /** Windows that the steps of a language model go through in turn. */
  private static final int WINDOWS = 8;

  /** Forward and backward of one network over its batches in turn. */
  private abstract static class Passes {
    float[] params;
    ParamLayout layout;
    OptimizerSpec optimizer;

    /** The steps that are run as one. */
    int together;

    /** Adds the gradient of the next batch's summed loss. */
    abstract Loss next(Gradient gradient);

    /** Returns the bytes of the buffers for activations and scratch. */
    abstract long bytes();
  }

  private final Passes passes;
  private final UpdateStep update;
  private final WeightedSum sum;

  private TrainingSteps(Passes passes, Team team) {
    this.passes = passes;
    update = new UpdateStep(spec(passes.optimizer), passes.layout, team);
    sum = new WeightedSum(passes.params.length);
  }

  /** Draws parameters, and the text of a language model. */
  static TrainingSteps ofCell(TrainingCase shape, int threads, long seed) {
    Team team = new Team(threads);
    return new TrainingSteps(new LanguageModelPasses(shape, team, seed), team);
  }

  /** Draws parameters, and sequences of these lengths with their classes. */
  static TrainingSteps ofReader(TrainingCase shape, BatchLengths lengths, int threads, long seed) {
    Team team = new Team(threads);
    return new TrainingSteps(new ReaderPasses(shape, lengths, team, seed), team);
  }

  /** Returns a training as far as updates read it: batches are made by the passes. */
  private static TrainSpec spec(OptimizerSpec optimizer) {
    return new TrainSpec(
        1,
        1,
        1,
        1,
        0,
        StateMode.CARRY,
        optimizer,
        ScheduleSpec.CONSTANT,
        PenaltySpec.NONE,
        INIT,
        CLIP_NORM,
        0,
        0,
        1,
        Wire.FP32,
        0);
  }

  @Override
  public void run() {
    for (int i = 0; i < passes.together; i++) {
      sum.clear();
      sum.add(passes.next(sum.parts()));
      double norm = update.takeMean(sum, passes.params);
      update.apply(passes.params, sum, norm, passes.optimizer.lr());
    }
  }

  /** Returns the bytes of the buffers for activations and scratch. */
  long workspaceBytes() {
    return passes.bytes();
  }

  /** Returns the mean loss of the last step, in nats for each answer. */
  double loss() {
    return sum.loss().mean();
  }

  private static int uniform(long key, long position, int bound) {
    return (int) (RandomBits.uniformDouble(key, position) * bound);
  }

  /** Windows of one endless text, with the state carried. */
  private static final class LanguageModelPasses extends Passes {
    private final List<Batch> windows = new ArrayList<>();
    private final ModelRunner runner;
    private final float[] state;
    private int next;

    LanguageModelPasses(TrainingCase shape, Team team, long seed) {
      SequenceModel model =
          new SequenceModel(
              new ModelSpec(
                  shape.vocabulary(),
                  shape.embedding(),
                  shape.cell(),
                  shape.layers(),
                  shape.hidden(),
                  true,
                  0,
                  false,
                  false));
      params = Initializer.draw(model, INIT, seed);
      layout = model.layout();
      optimizer = OptimizerSpec.of(OptimizerSpec.Kind.SGD, 0.1);
      together = 1;
      runner = new ModelRunner(model, shape.median(), shape.batch(), team);
      state = new float[model.stateSize(shape.batch())];
      for (int i = 0; i < WINDOWS; i++) {
        windows.add(window(shape, i, RandomBits.key(seed)));
      }
    }

    /** Draws a window, whose targets are the inputs one step later. */
    private static Batch window(TrainingCase shape, int index, long key) {
      Batch batch = new Batch();
      batch.reshape(shape.median(), shape.batch());
      int tokens = shape.median() * shape.batch();
      long from = (long) index * tokens;
      for (int i = 0; i < tokens; i++) {
        batch.inputs()[i] = uniform(key, from + i, shape.vocabulary());
        batch.targets()[i] = uniform(key, from + i + shape.batch(), shape.vocabulary());
      }
      return batch;
    }

    @Override
    Loss next(Gradient gradient) {
      Batch batch = windows.get(next);
      next = (next + 1) % WINDOWS;
      runner.setParams(params);
      return runner.train(batch, state, false, 0, gradient);
    }

    @Override
    long bytes() {
      return runner.bytes();
    }
  }

  /** Batches of whole sequences. */
  private static final class ReaderPasses extends Passes {
    private final List<SequenceBatch> batches = new ArrayList<>();
    private final ReaderRunner runner;
    private final long seed;
    private long made;

    ReaderPasses(TrainingCase shape, BatchLengths lengths, Team team, long seed) {
      this.seed = seed;
      ReaderModel model = new ReaderModel(spec(shape));
      params = Initializer.draw(model, INIT, seed);
      layout = model.layout();
      optimizer = OptimizerSpec.of(OptimizerSpec.Kind.ADAM, 0.002);
      together = lengths.batches().size();
      runner = new ReaderRunner(model, team);
      for (int[] some : lengths.batches()) {
        SequenceBatch batch = new SequenceBatch(model.spec().batchShape());
        batch.fill(examples(shape, some, RandomBits.key(seed, batches.size())));
        batches.add(batch);
      }
    }

    private static ReaderSpec spec(TrainingCase shape) {
      boolean classify = shape.task() == TrainingCase.Task.CLASSIFY;
      double dropout = shape.dropout();
      return new ReaderSpec(
          InputSpec.ofTokens(shape.vocabulary(), shape.embedding()),
          EncoderSpec.of(shape.cell(), shape.embedding(), shape.hidden(), shape.layers())
              .with(Direction.BOTH)
              .with(new DropoutSpec(shape.wordDropout(), dropout, dropout, dropout, 0, false)),
          classify ? PoolingType.MAX : null,
          new HeadSpec.Softmax(shape.classes(), classify ? Target.SEQUENCE : Target.STEP));
    }

    private static List<SequenceExample> examples(TrainingCase shape, int[] lengths, long key) {
      List<SequenceExample> examples = new ArrayList<>();
      for (int row = 0; row < lengths.length; row++) {
        int[] tokens = new int[lengths[row]];
        int[] classes = new int[(int) shape.task().answers(lengths[row], 1)];
        long tokenKey = RandomBits.key(key, row, 0);
        long classKey = RandomBits.key(key, row, 1);
        Arrays.setAll(tokens, i -> uniform(tokenKey, i, shape.vocabulary()));
        Arrays.setAll(classes, i -> uniform(classKey, i, shape.classes()));
        examples.add(SequenceExample.ofTokens("row " + row, tokens, classes));
      }
      return examples;
    }

    @Override
    Loss next(Gradient gradient) {
      SequenceBatch batch = batches.get((int) (made % batches.size()));
      long dropoutKey = RandomUse.DROPOUT.key(seed, made++, 0);
      runner.setParams(params);
      return runner.train(batch, dropoutKey, gradient);
    }

    @Override
    long bytes() {
      return runner.bytes();
    }
  }
}
