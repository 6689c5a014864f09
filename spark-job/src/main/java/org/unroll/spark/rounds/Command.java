// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Window;

/**
 * What the driver wants of a worker next.
 *
 * @param kind what to do
 * @param round number of the exchange this belongs to, from 1
 * @param window TRAIN: the window of every shard, otherwise null
 * @param split EVALUATE: the part of the data, otherwise null
 * @param params the parameters to use from now on, or null to keep those of the command before
 * @param changed which of them are others than those before (see {@link Runs})
 * @param states the states of the worker's shards to go on from, one behind the other, or null to
 *     keep those the worker has
 */
record Command(
    Kind kind,
    long round,
    Window window,
    Split split,
    float[] params,
    int[] changed,
    float[] states)
    implements Serializable {
  /** What a worker can be told. */
  enum Kind {
    TRAIN,
    EVALUATE,
    STOP
  }

  static final Command STOP = new Command(Kind.STOP, 0, null, null, null, Runs.NONE, null);

  static Command train(long round, Window window, float[] params) {
    return new Command(Kind.TRAIN, round, window, null, params, Runs.NONE, null);
  }

  static Command evaluate(long round, Split split, float[] params) {
    return new Command(Kind.EVALUATE, round, null, split, params, Runs.NONE, null);
  }

  /** The same command with other numbers. */
  Command with(float[] params, int[] changed, float[] states) {
    return new Command(kind, round, window, split, params, changed, states);
  }
}
