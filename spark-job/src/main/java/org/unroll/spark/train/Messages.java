// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/**
 * The messages between a worker and its driver, little-endian. Each begins with an {@code int} that
 * names its kind; the floats of a command or a contribution follow in {@link Frames}.
 *
 * <pre>
 * HELLO         version, run (2 longs), worker   a worker's first; answered by a refusal or nothing
 * FAILURE       input?, text                     a worker's last; answered by nothing
 * COMMAND       kind, round, window, split, params?, states?
 * CONTRIBUTION  round, n, n losses, whether they belong to sums
 * </pre>
 */
final class Messages {
  static final int HELLO = 0x554E5201;
  static final int FAILURE = 0x554E5202;
  static final int COMMAND = 0x554E5203;
  static final int CONTRIBUTION = 0x554E5204;

  /** Of this format; both ends must have the same. */
  static final int VERSION = 1;

  private static final int COMMAND_BYTES = 48;

  private Messages() {}

  /** A worker's first message. */
  record Hello(int version, UUID run, int worker) {}

  /** A worker's last message, if it fails. */
  record Failure(boolean input, String message) {}

  /** A command without its floats. */
  record CommandHead(Command command, boolean hasParams, boolean hasStates) {}

  /** A contribution without its floats. */
  record ContributionHead(long round, boolean hasSums, List<Loss> losses) {}

  /** Makes a received message ready to be read; returns its kind. */
  static int kind(ByteBuffer message) {
    return message.order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  static ByteBuffer hello(UUID run, int worker) {
    return allocate(28)
        .putInt(HELLO)
        .putInt(VERSION)
        .putLong(run.getMostSignificantBits())
        .putLong(run.getLeastSignificantBits())
        .putInt(worker)
        .flip();
  }

  static Hello readHello(ByteBuffer in) {
    int version = in.getInt();
    return new Hello(version, new UUID(in.getLong(), in.getLong()), in.getInt());
  }

  static ByteBuffer failure(boolean input, String message) {
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    return allocate(8 + text.length).putInt(FAILURE).putInt(flag(input)).put(text).flip();
  }

  static Failure readFailure(ByteBuffer in) {
    return new Failure(in.getInt() != 0, readText(in));
  }

  /** The rest of a message as text. */
  static String readText(ByteBuffer in) {
    return StandardCharsets.UTF_8.decode(in).toString();
  }

  /** The head of a command; its parameters follow, then its states, where it has them. */
  static ByteBuffer command(Command c) {
    Window window = c.window() == null ? new Window(0, 0, 0) : c.window();
    return allocate(COMMAND_BYTES)
        .putInt(COMMAND)
        .putInt(c.kind().ordinal())
        .putLong(c.round())
        .putInt(window.epoch())
        .putInt(window.index())
        .putLong(window.step())
        .putInt(c.split() == null ? 0 : c.split().ordinal())
        .putInt(flag(c.params() != null))
        .putInt(flag(c.states() != null))
        .flip();
  }

  static CommandHead readCommand(ByteBuffer in) {
    Command.Kind kind = Command.Kind.values()[in.getInt()];
    long round = in.getLong();
    Window window = new Window(in.getInt(), in.getInt(), in.getLong());
    Split split = Split.values()[in.getInt()];
    Command command =
        switch (kind) {
          case TRAIN -> Command.train(round, window, null);
          case EVALUATE -> Command.evaluate(round, split, null);
          case STOP -> Command.STOP;
        };
    return new CommandHead(command, in.getInt() != 0, in.getInt() != 0);
  }

  /** The head of a contribution; the gradients of its sums follow, then its states. */
  static ByteBuffer contribution(Contribution c) {
    boolean hasSums = !c.sums().isEmpty();
    List<Loss> losses = hasSums ? c.sums().stream().map(WeightedSum::loss).toList() : c.losses();
    ByteBuffer out =
        allocate(20 + 16 * losses.size())
            .putInt(CONTRIBUTION)
            .putLong(c.round())
            .putInt(flag(hasSums))
            .putInt(losses.size());
    losses.forEach(loss -> out.putDouble(loss.sum()).putDouble(loss.weight()));
    return out.flip();
  }

  static ContributionHead readContribution(ByteBuffer in) {
    long round = in.getLong();
    boolean hasSums = in.getInt() != 0;
    int n = in.getInt();
    List<Loss> losses = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      losses.add(new Loss(in.getDouble(), in.getDouble()));
    }
    return new ContributionHead(round, hasSums, losses);
  }

  private static int flag(boolean value) {
    return value ? 1 : 0;
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
