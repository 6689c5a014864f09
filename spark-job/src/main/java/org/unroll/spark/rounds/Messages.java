// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.WorkerTimes;

/**
 * The messages between the processes of workers and their driver, little-endian. Each begins with
 * an {@code int} that names its kind. A process has one connection for all its workers, which are
 * its members. The floats of a command or a contribution follow as a stream, in the order of their
 * heads: parameters or sums, then the states of the members.
 *
 * <pre>
 * HELLO         version, run (2 longs), member, worker      a member joins; answered by a refusal or nothing
 * FAILURE       member, input?, text                        its last words; answered by nothing
 * LEAVE         member                                      it is gone
 * COMMAND       kind, round, window, split, n members with workers and whether states come,
 *               which parameters come (runs)
 * SHARE         name, secret (2 longs), bytes of a slot     its memory may be used; answered by whether it is
 * PIECES        bytes, then a COMMAND or a CONTRIBUTION     whose floats come through shared memory
 * WAKE                                                      there is something to do in the memory
 * CONTRIBUTION  round, n members with workers and times, then m nodes with losses and runs,
 *               or the losses of the members' shards
 * </pre>
 */
final class Messages {
  static final int HELLO = 0x554E5201;
  static final int FAILURE = 0x554E5202;
  static final int COMMAND = 0x554E5203;
  static final int CONTRIBUTION = 0x554E5204;
  static final int LEAVE = 0x554E5205;
  static final int SHARE = 0x554E5206;
  static final int PIECES = 0x554E5207;
  static final int WAKE = 0x554E5208;

  /** Of this format; both ends must have the same. */
  static final int VERSION = 5;

  private Messages() {}

  /** A member's first message. */
  record Hello(int version, UUID run, int member, int worker) {}

  /** A member's last message, if it fails. */
  record Failure(int member, boolean input, String message) {}

  /** A member that a command is for; whether its states come with it. */
  record Call(int member, int worker, boolean hasStates) {}

  /** A command without its floats, and which of the parameters come with it. */
  record CommandHead(Command command, List<Call> calls, int[] params) {}

  /** A member's part in a contribution. */
  record Share(int member, int worker, WorkerTimes times) {
    /** The same with what its process did. */
    Share with(long encode, long sum) {
      return new Share(member, worker, times.with(encode, sum));
    }
  }

  /** The sum of a node without its floats, and which of them count. */
  record NodeSum(ShardTree.Node node, Loss loss, int[] runs) {}

  /** A contribution without its floats: sums of nodes, or evaluations of shards. */
  record ContributionHead(
      long round, List<Share> shares, List<NodeSum> sums, List<Evaluation> evaluations) {}

  /** Makes a received message ready to be read; returns its kind. */
  static int kind(ByteBuffer message) {
    return message.order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  static ByteBuffer hello(UUID run, int member, int worker) {
    return allocate(32)
        .putInt(HELLO)
        .putInt(VERSION)
        .putLong(run.getMostSignificantBits())
        .putLong(run.getLeastSignificantBits())
        .putInt(member)
        .putInt(worker)
        .flip();
  }

  static Hello readHello(ByteBuffer in) {
    int version = in.getInt();
    return new Hello(version, new UUID(in.getLong(), in.getLong()), in.getInt(), in.getInt());
  }

  static ByteBuffer failure(int member, boolean input, String message) {
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    return allocate(12 + text.length)
        .putInt(FAILURE)
        .putInt(member)
        .putInt(flag(input))
        .put(text)
        .flip();
  }

  static Failure readFailure(ByteBuffer in) {
    return new Failure(in.getInt(), in.getInt() != 0, readText(in));
  }

  /** The rest of a message as text. */
  static String readText(ByteBuffer in) {
    return StandardCharsets.UTF_8.decode(in).toString();
  }

  static ByteBuffer leave(int member) {
    return allocate(8).putInt(LEAVE).putInt(member).flip();
  }

  static int readLeave(ByteBuffer in) {
    return in.getInt();
  }

  static ByteBuffer share(SharedMemory.Key key) {
    byte[] name = key.name().getBytes(StandardCharsets.UTF_8);
    return allocate(24 + name.length)
        .putInt(SHARE)
        .putInt(key.slotBytes())
        .putLong(key.secret().getMostSignificantBits())
        .putLong(key.secret().getLeastSignificantBits())
        .put(name)
        .flip();
  }

  static SharedMemory.Key readShare(ByteBuffer in) {
    int slotBytes = in.getInt();
    UUID secret = new UUID(in.getLong(), in.getLong());
    return new SharedMemory.Key(readText(in), secret, slotBytes);
  }

  /** A message whose floats come through shared memory. */
  static ByteBuffer pieces(long bytes, ByteBuffer message) {
    return allocate(12 + message.remaining()).putInt(PIECES).putLong(bytes).put(message).flip();
  }

  /** The bytes of those floats; the message comes next. */
  static long readPieces(ByteBuffer in) {
    return in.getLong();
  }

  static ByteBuffer wake() {
    return allocate(4).putInt(WAKE).flip();
  }

  static ByteBuffer command(CommandHead head) {
    Command c = head.command();
    Window window = c.window() == null ? new Window(0, 0, 0) : c.window();
    ByteBuffer out =
        allocate(48 + 12 * head.calls().size() + 4 * head.params().length)
            .putInt(COMMAND)
            .putInt(c.kind().ordinal())
            .putLong(c.round())
            .putInt(window.epoch())
            .putInt(window.index())
            .putLong(window.step())
            .putInt(c.split() == null ? 0 : c.split().ordinal())
            .putInt(head.calls().size());
    for (Call call : head.calls()) {
      out.putInt(call.member()).putInt(call.worker()).putInt(flag(call.hasStates()));
    }
    return putRuns(out, head.params()).flip();
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
    List<Call> calls = new ArrayList<>();
    for (int n = in.getInt(); n > 0; n--) {
      calls.add(new Call(in.getInt(), in.getInt(), in.getInt() != 0));
    }
    return new CommandHead(command, calls, readRuns(in));
  }

  static ByteBuffer contribution(ContributionHead head) {
    int runs = head.sums().stream().mapToInt(sum -> sum.runs().length).sum();
    int metrics = head.evaluations().stream().mapToInt(part -> part.sums().length).sum();
    int bytes = 24 + 44 * head.shares().size() + 28 * head.sums().size() + 4 * runs;
    ByteBuffer out =
        allocate(bytes + 20 * head.evaluations().size() + 8 * metrics)
            .putInt(CONTRIBUTION)
            .putLong(head.round())
            .putInt(head.shares().size());
    for (Share share : head.shares()) {
      putTimes(out.putInt(share.member()).putInt(share.worker()), share.times());
    }
    out.putInt(head.sums().size());
    for (NodeSum sum : head.sums()) {
      out.putInt(sum.node().lo()).putInt(sum.node().hi());
      putRuns(putLoss(out, sum.loss()), sum.runs());
    }
    out.putInt(head.evaluations().size());
    head.evaluations().forEach(part -> putSums(putLoss(out, part.loss()), part.sums()));
    return out.flip();
  }

  static ContributionHead readContribution(ByteBuffer in) {
    long round = in.getLong();
    List<Share> shares = new ArrayList<>();
    for (int n = in.getInt(); n > 0; n--) {
      shares.add(new Share(in.getInt(), in.getInt(), readTimes(in)));
    }
    List<NodeSum> sums = new ArrayList<>();
    for (int n = in.getInt(); n > 0; n--) {
      ShardTree.Node node = new ShardTree.Node(in.getInt(), in.getInt());
      sums.add(new NodeSum(node, readLoss(in), readRuns(in)));
    }
    List<Evaluation> evaluations = new ArrayList<>();
    for (int n = in.getInt(); n > 0; n--) {
      evaluations.add(new Evaluation(readLoss(in), readSums(in)));
    }
    return new ContributionHead(round, shares, sums, evaluations);
  }

  private static void putTimes(ByteBuffer out, WorkerTimes times) {
    out.putLong(times.compute()).putInt(times.slowestShard()).putLong(times.slowest());
    out.putLong(times.encode()).putLong(times.sum());
  }

  private static WorkerTimes readTimes(ByteBuffer in) {
    return new WorkerTimes(in.getLong(), in.getInt(), in.getLong(), in.getLong(), in.getLong());
  }

  private static ByteBuffer putLoss(ByteBuffer out, Loss loss) {
    return out.putDouble(loss.sum()).putDouble(loss.weight());
  }

  private static Loss readLoss(ByteBuffer in) {
    return new Loss(in.getDouble(), in.getDouble());
  }

  private static ByteBuffer putSums(ByteBuffer out, double[] sums) {
    out.putInt(sums.length);
    for (double sum : sums) {
      out.putDouble(sum);
    }
    return out;
  }

  private static double[] readSums(ByteBuffer in) {
    int n = in.getInt();
    if (n < 0 || n > in.remaining() / Double.BYTES) {
      throw new IllegalStateException(n + " sums of a metric do not fit their message");
    }
    double[] sums = new double[n];
    in.asDoubleBuffer().get(sums);
    in.position(in.position() + n * Double.BYTES);
    return sums;
  }

  private static ByteBuffer putRuns(ByteBuffer out, int[] runs) {
    out.putInt(runs.length);
    for (int border : runs) {
      out.putInt(border);
    }
    return out;
  }

  private static int[] readRuns(ByteBuffer in) {
    int n = in.getInt();
    if (n == 0) {
      return Runs.NONE;
    }
    if (n < 0 || n > in.remaining() / Integer.BYTES) {
      throw new IllegalStateException(n + " borders of runs do not fit their message");
    }
    int[] runs = new int[n];
    in.asIntBuffer().get(runs);
    in.position(in.position() + n * Integer.BYTES);
    return runs;
  }

  private static int flag(boolean value) {
    return value ? 1 : 0;
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
