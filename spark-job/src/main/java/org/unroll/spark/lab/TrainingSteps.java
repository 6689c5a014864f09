// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.RandomUse;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.UpdateStep;
import org.unroll.rnn.train.WeightedSum;

/**
 * The measured training steps of a {@link TrainingCase}: forward and backward, mean gradient,
 * clipping, update. Tokens and classes are uniformly random, which costs an embedding more than
 * text does, and drawn beforehand; dropout masks are drawn in every step, as in training.
 */
final class TrainingSteps implements Runnable {
  static final InitSpec INIT = InitSpec.PYTORCH;
  private static final double CLIP_NORM = 5;

  /** Windows that the steps of a language model go through in turn. */
  private static final int WINDOWS = 8;

  private final OptimizerSpec optimizer;
  private final List<Batch> batches = new ArrayList<>();
  private final Pass pass;
  private final float[] params;
  private final long seed;

  /** The state that a language model carries from window to window; null for whole sequences. */
  private final float[] state;

  /** The steps that are run as one. */
  private final int together;

  private final UpdateStep update;
  private final WeightedSum sum;
  private long made;

  /**
   * Draws parameters, and what is read: the text of a language model, or sequences with their
   * classes.
   *
   * @param lengths of the sequences, null for a language model
   */
  TrainingSteps(TrainingCase shape, BatchLengths lengths, int threads, long seed) {
    this.seed = seed;
    Network network;
    if (lengths == null) {
      network =
          new Network(
              NetworkSpec.languageModel(shape.vocabulary(), shape.rnn(), false, true, false));
      optimizer = OptimizerSpec.of(OptimizerSpec.Kind.SGD, 0.1);
      together = 1;
      state = new float[network.stateSize(shape.batch())];
      for (int i = 0; i < WINDOWS; i++) {
        batches.add(window(shape, i, RandomBits.key(seed)));
      }
    } else {
      network = new Network(reader(shape));
      optimizer = OptimizerSpec.of(OptimizerSpec.Kind.ADAM, 0.002);
      together = lengths.batches().size();
      state = null;
      for (int i = 0; i < together; i++) {
        Batch batch = new Batch(network.spec().batchShape());
        batch.fill(examples(shape, lengths, i, RandomBits.key(seed, i)));
        batches.add(batch);
      }
    }
    Team team = new Team(threads);
    pass = new Pass(network, team);
    pass.reserve(size(lengths));
    params = Initializer.draw(network, INIT, seed);
    // Of a training, updates read the optimiser and the clipping: batches are made by the passes.
    TrainSpec spec = TrainSpec.of(1, 1, StateMode.CARRY, 1, optimizer, CLIP_NORM);
    update = new UpdateStep(spec, network.layout(), team);
    sum = new WeightedSum(params.length);
  }

  private Pass.Size size(BatchLengths lengths) {
    int positions = most(batch -> batch.packing().positions());
    int written = most(batch -> batch.written().positions());
    int pairs =
        lengths == null ? 0 : IntStream.range(0, together).map(lengths::pairs).max().orElse(0);
    return new Pass.Size(positions, most(Batch::rows), 0, 0, written, pairs, 0);
  }

  private int most(ToIntFunction<Batch> size) {
    return batches.stream().mapToInt(size).max().orElse(0);
  }

  /** Returns the network of a case that reads whole sequences. */
  static NetworkSpec reader(TrainingCase shape) {
    InputSpec inputs = InputSpec.ofTokens(shape.vocabulary(), shape.rnn().inputSize());
    if (shape.task().writes()) {
      return writer(shape, inputs);
    }
    boolean classify = shape.task() == TrainingCase.Task.CLASSIFY;
    return NetworkSpec.of(
        inputs,
        shape.rnn(),
        classify ? Pooling.Type.MAX : null,
        new HeadSpec.Softmax(shape.classes(), classify ? Target.SEQUENCE : Target.STEP));
  }

  private static NetworkSpec writer(TrainingCase shape, InputSpec inputs) {
    DecoderSpec decoder =
        new DecoderSpec(
            shape.classes(),
            0,
            shape.rnn().inputSize(),
            false,
            shape.decoder(),
            DecoderSpec.Bridge.LINEAR,
            Attention.Type.ADDITIVE,
            true);
    HeadSpec head = new HeadSpec.Vocabulary(shape.classes(), false, true);
    return new NetworkSpec(inputs, shape.rnn(), decoder, false, null, head);
  }

  /** Draws a window, whose targets are the inputs one step later. */
  private static Batch window(TrainingCase shape, int index, long key) {
    Batch batch = Batch.ofStreams();
    int[] lengths = new int[shape.batch()];
    Arrays.fill(lengths, shape.median());
    batch.pack(lengths, shape.batch());
    int tokens = shape.median() * shape.batch();
    long from = (long) index * tokens;
    for (int i = 0; i < tokens; i++) {
      batch.tokens(0)[i] = uniform(key, from + i, shape.vocabulary());
      batch.labels()[i] = uniform(key, from + i + shape.batch(), shape.vocabulary());
    }
    return batch;
  }

  /** Draws the sequences of a batch with their classes, or with what is to be written. */
  static List<Example> examples(TrainingCase shape, BatchLengths lengths, int batch, long key) {
    List<Example> examples = new ArrayList<>();
    int[] read = lengths.batches().get(batch);
    boolean writes = !lengths.written().isEmpty();
    for (int row = 0; row < read.length; row++) {
      int[] tokens = new int[read[row]];
      int answers = writes ? lengths.written().get(batch)[row] : read[row];
      int[] classes = new int[(int) shape.task().answers(answers, 1)];
      long tokenKey = RandomBits.key(key, row, 0);
      long classKey = RandomBits.key(key, row, 1);
      Arrays.setAll(tokens, i -> uniform(tokenKey, i, shape.vocabulary()));
      Arrays.setAll(classes, i -> uniform(classKey, i, shape.classes()));
      examples.add(Example.ofTokens("row " + row, tokens, classes));
    }
    return examples;
  }

  @Override
  public void run() {
    for (int i = 0; i < together; i++) {
      sum.clear();
      Batch batch = batches.get((int) (made % batches.size()));
      long dropoutKey = RandomUse.DROPOUT.key(seed, made++, 0);
      pass.load(params);
      sum.add(pass.train(batch, state, null, dropoutKey, sum.parts()));
      double norm = update.takeMean(sum, params);
      update.apply(params, norm, optimizer.lr());
    }
  }

  /** Returns the bytes of the buffers for activations and scratch. */
  long workspaceBytes() {
    return pass.bytes();
  }

  /** Returns the mean loss of the last step, in nats for each answer. */
  double loss() {
    return sum.loss().mean();
  }

  private static int uniform(long key, long position, int bound) {
    return (int) (RandomBits.uniformDouble(key, position) * bound);
  }
}
