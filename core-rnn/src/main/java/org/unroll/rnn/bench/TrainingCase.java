// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

/** A network whose training steps are measured. */
public sealed interface TrainingCase permits CellCase, ReaderCase {

  /** What people call it. */
  String name();

  /** The same with half the batch, what one of two workers gets; never less than one sequence. */
  TrainingCase half();

  /**
   * What is to be run.
   *
   * @param threads of a step
   * @param seed of all that is drawn
   */
  Work work(int threads, long seed);

  /**
   * What is run and timed as one.
   *
   * @param name of the case
   * @param steps training steps
   * @param tokens that they read, without padding
   * @param flops floating-point operations of their matrix products as a textbook makes them: one
   *     forward and two backward, each 2 operations for every weight and place
   * @param request that has a contender prepare it; see {@link BenchWorker}
   */
  record Work(String name, int steps, long tokens, double flops, String request) {}
}
