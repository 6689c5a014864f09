// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Window;

/**
 * A command is what the driver wants of a worker next.
 *
 * @param kind what to do
 * @param round number of the exchange this belongs to, from 1
 * @param window TRAIN: the window of every shard, otherwise null
 * @param split EVALUATE: the part of the data, otherwise null
 * @param params the parameters to use from now on, or null to keep those of the command before
 * @param changed which of them are others than those before (see {@link Runs})
 * @param states the states of the worker's shards to go on from, or null to keep those it has
 */
record Command(
    Kind kind,
    long round,
    Window window,
    Split split,
    float[] params,
    int[] changed,
    List<float[]> states)
    implements Serializable {
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

  Command with(float[] params, int[] changed, List<float[]> states) {
    return new Command(kind, round, window, split, params, changed, states);
  }

  /** A call says which member of a process a command is for, and whether its states come along. */
  record Call(int member, int worker, boolean hasStates) {}

  /**
   * A command on its way to the members of a process, without the floats that follow it: the
   * parameters that changed, then the states of the members that get some.
   *
   * @param command without numbers
   * @param owners who adds the sums
   * @param changed which parameters come with it
   */
  record Message(Command command, List<Call> calls, Owners owners, int[] changed) {
    ByteBuffer write() {
      Window window = command.window == null ? new Window(0, 0, 0) : command.window;
      ByteBuffer out =
          Messages.allocate(
                  Messages.COMMAND, 40 + 12 * calls.size() + owners.bytes() + 4 * changed.length)
              .putInt(command.kind.ordinal())
              .putLong(command.round)
              .putInt(window.epoch())
              .putInt(window.index())
              .putLong(window.step())
              .putInt(command.split == null ? 0 : command.split.ordinal())
              .putInt(calls.size());
      for (Call call : calls) {
        out.putInt(call.member).putInt(call.worker).putInt(call.hasStates ? 1 : 0);
      }
      return Runs.write(changed, owners.write(out)).flip();
    }

    /** Reads what {@link #write} wrote, behind the kind of the message. */
    static Message read(ByteBuffer in) {
      Kind kind = Kind.values()[in.getInt()];
      long round = in.getLong();
      Window window = new Window(in.getInt(), in.getInt(), in.getLong());
      Split split = Split.values()[in.getInt()];
      Command command =
          switch (kind) {
            case TRAIN -> train(round, window, null);
            case EVALUATE -> evaluate(round, split, null);
            case STOP -> STOP;
          };
      List<Call> calls = new ArrayList<>();
      for (int n = in.getInt(); n > 0; n--) {
        calls.add(new Call(in.getInt(), in.getInt(), in.getInt() != 0));
      }
      return new Message(command, calls, Owners.read(in), Runs.read(in));
    }
  }
}
