// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.Search;
import org.unroll.rnn.train.Initializer;

/**
 * The measured searches of a {@link TrainingCase}: about every sequence the best of a beam is
 * written, all of the maximum's length, so that there is as much to do whatever the parameters are.
 */
final class SearchRuns implements Runnable {
  /** The hypotheses of a sequence that are followed. */
  static final int BEAM = 5;

  private final List<Batch> batches = new ArrayList<>();
  private final Pass pass;
  private final Search search;
  private final List<Prediction> found = new ArrayList<>();

  /** Draws parameters, and sequences of these lengths. */
  SearchRuns(TrainingCase shape, BatchLengths lengths, int threads, long seed) {
    Network network = new Network(TrainingSteps.reader(shape));
    pass = new Pass(network, new Team(threads));
    pass.load(Initializer.draw(network, TrainingSteps.INIT, seed));
    search = new Search(BEAM, 1, 0, 0, shape.maximum(), shape.maximum(), null);
    for (int i = 0; i < lengths.batches().size(); i++) {
      Batch batch = new Batch(network.spec().batchShape());
      long key = RandomBits.key(seed, i);
      List<Example> examples = TrainingSteps.examples(shape, lengths, i, key);
      batch.fill(examples.stream().map(example -> example.withLabels()).toList());
      batches.add(batch);
    }
  }

  @Override
  public void run() {
    found.clear();
    for (Batch batch : batches) {
      pass.read(batch, null);
      for (int row = 0; row < batch.rows(); row++) {
        found.add(pass.prediction(row, search));
      }
    }
  }

  /** Returns how many tokens the last run wrote, without ends. */
  long written() {
    return found.stream().mapToLong(p -> p.written().get(0).tokens().length).sum();
  }

  /** Returns the bytes of the buffers for activations and scratch. */
  long workspaceBytes() {
    return pass.bytes();
  }
}
