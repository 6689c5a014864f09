// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;

/**
 * A program that trains a small model of each cell until a pass allocates next to nothing, or long
 * enough for all code to be compiled, and prints the bytes that a pass allocates by then.
 */
public final class AllocationProbe {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int ROUNDS = 50;
  private static final int PASSES = 100;
  private static final int STEPS = 12;
  private static final int ROWS = 5;
  static final int BOUND = 1000;

  private AllocationProbe() {}

  public static void main(String[] arguments) {
    for (CellType cell : CellType.values()) {
      System.out.println(cell + " " + allocated(cell));
    }
  }

  private static long allocated(CellType cell) {
    ModelSpec spec = new ModelSpec(40, 20, cell, 2, 20, true, 0.1, false, true);
    TwinCase given = new TwinCase(spec, STEPS, ROWS, true, 3);
    SequenceModel model = new SequenceModel(spec);
    float[] params = given.params(model);
    Gradient gradient = new Gradient(params.length);
    float[] state = new float[model.stateSize(ROWS)];
    Batch batch = given.batch();
    ModelRunner runner = new ModelRunner(model, STEPS, ROWS);
    return leastPerPass(
        () -> {
          gradient.clear();
          runner.setParams(params);
          runner.train(batch, state, true, 1, gradient);
        },
        () -> runner.evaluate(batch, state));
  }

  /** Bytes per training pass and per evaluation, the larger of both, in the best round. */
  public static long leastPerPass(Runnable train, Runnable evaluate) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least >= BOUND; round++) {
      least = Math.min(least, Math.max(perPass(train), perPass(evaluate)));
    }
    return least;
  }

  private static long perPass(Runnable pass) {
    long thread = Thread.currentThread().getId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    for (int i = 0; i < PASSES; i++) {
      pass.run();
    }
    return (THREADS.getThreadAllocatedBytes(thread) - before) / PASSES;
  }
}
