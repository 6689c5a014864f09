// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.ReaderModel;
import org.unroll.rnn.network.ReaderRunner;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.RandomUse;

/**
 * Training steps of a {@link ReaderCase}, one with each of its batches, with Adam. Tokens and
 * classes are uniformly random, which costs an embedding more than text does, and drawn beforehand;
 * dropout masks are drawn in every step, as in training.
 */
final class ReaderSteps extends TrainingStep {
  private static final OptimizerSpec OPTIMIZER = OptimizerSpec.of(OptimizerSpec.Kind.ADAM, 0.002);

  private final List<SequenceBatch> batches = new ArrayList<>();
  private final ReaderRunner runner;
  private final long seed;
  private long passes;

  /** Draws parameters, tokens and classes. */
  ReaderSteps(ReaderCase shape, BatchLengths lengths, int threads, long seed) {
    this(shape, lengths, new ReaderModel(shape.model()), new Team(threads), seed);
  }

  private ReaderSteps(
      ReaderCase shape, BatchLengths lengths, ReaderModel model, Team team, long seed) {
    super(OPTIMIZER, model.layout(), Initializer.draw(model, INIT, seed), team);
    this.seed = seed;
    runner = new ReaderRunner(model, team);
    for (int[] some : lengths.batches()) {
      SequenceBatch batch = new SequenceBatch(model.spec().batchShape());
      batch.fill(examples(shape, some, RandomBits.key(seed, batches.size())));
      batches.add(batch);
    }
  }

  private static List<SequenceExample> examples(ReaderCase shape, int[] lengths, long key) {
    List<SequenceExample> examples = new ArrayList<>();
    for (int row = 0; row < lengths.length; row++) {
      int answers = (int) shape.task().answers(lengths[row], 1);
      int[] tokens = uniform(lengths[row], shape.vocabulary(), RandomBits.key(key, row, 0));
      int[] classes = uniform(answers, shape.classes(), RandomBits.key(key, row, 1));
      examples.add(SequenceExample.ofTokens("row " + row, tokens, classes));
    }
    return examples;
  }

  private static int[] uniform(int n, int bound, long key) {
    int[] drawn = new int[n];
    Arrays.setAll(drawn, i -> (int) (RandomBits.uniformDouble(key, i) * bound));
    return drawn;
  }

  @Override
  public void run() {
    for (int i = 0; i < batches.size(); i++) {
      step();
    }
  }

  @Override
  Loss pass(float[] params, Gradient gradient) {
    SequenceBatch batch = batches.get((int) (passes % batches.size()));
    long dropoutKey = RandomUse.DROPOUT.key(seed, passes++, 0);
    runner.setParams(params);
    return runner.train(batch, dropoutKey, gradient);
  }

  @Override
  long workspaceBytes() {
    return runner.bytes();
  }
}
