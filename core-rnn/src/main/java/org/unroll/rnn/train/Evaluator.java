// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayDeque;
import java.util.Deque;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.Search;

/**
 * An evaluator reads batches without dropout and adds up their loss and the sums of a metric: for
 * the validation during a training as for the evaluation of a model afterwards.
 */
public final class Evaluator {
  /** The examples whose sums are made together, before they are added to those of others. */
  private static final int CHUNK = 1024;

  private final Pass pass;
  private final Metric metric;
  private final Search search;
  private Loss loss = Loss.ZERO;

  /** The sums of runs of examples, each run at least twice as long as the one behind it. */
  private final Deque<Run> runs = new ArrayDeque<>();

  private double[] sums;
  private int count;

  /** The sums of {@code 2^level} chunks that follow each other. */
  private record Run(int level, double[] sums) {}

  /**
   * Adds nothing yet.
   *
   * @param pass with its parameters
   * @param metric what is added up beside the loss, or null
   * @param search of predictions; null for none
   */
  public Evaluator(Pass pass, Metric metric, Search search) {
    this.pass = pass;
    this.metric = metric;
    this.search = search;
    sums = metric == null ? Evaluation.NONE.sums() : new double[metric.size()];
  }

  /**
   * Reads a batch and adds its loss, and where there is a metric what is said of its examples.
   *
   * @param state of streams, which moves on; null for whole sequences
   */
  public void read(Batch batch, float[] state) {
    pass.read(batch, state);
    loss = loss.plus(pass.loss());
    for (int row = 0; metric != null && row < batch.rows(); row++) {
      Prediction said = pass.prediction(row, search);
      boolean states = metric.readsStates();
      sums =
          metric.add(batch.example(row), states ? said.withStates(pass.outputs(row)) : said, sums);
      if (++count == CHUNK) {
        push();
      }
    }
  }

  /** Sums that grow with the data are added to others of their size, never to far larger ones. */
  private void push() {
    Run run = new Run(0, sums);
    while (!runs.isEmpty() && runs.peek().level() == run.level()) {
      run = new Run(run.level() + 1, metric.plus(runs.pop().sums(), run.sums()));
    }
    runs.push(run);
    sums = new double[metric.size()];
    count = 0;
  }

  /** Returns the sum of all that was read. */
  public Evaluation evaluation() {
    double[] all = sums;
    for (Run run : runs) {
      all = metric.plus(run.sums().clone(), all);
    }
    return new Evaluation(loss, all);
  }
}
