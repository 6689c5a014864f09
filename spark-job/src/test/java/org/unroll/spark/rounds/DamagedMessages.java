// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.WorkerTimes;

/** The messages of rounds for those who damage them. */
public final class DamagedMessages {
  private DamagedMessages() {}

  /** Returns a message of each kind. */
  public static List<byte[]> wholes() {
    List<Command.Call> calls = List.of(new Command.Call(1, 4, true), new Command.Call(2, 3, false));
    Command train = Command.train(5, new Window(2, 3, 4), null);
    Transport.Address address = new Transport.Address("host", 7);
    Owners.Owner owner = new Owners.Owner(address, new Span(0, 700));
    Owners owners = new Owners(List.of(owner), 0, true);
    Contribution.Share share =
        new Contribution.Share(1, 0, WorkerTimes.NONE, List.of(Evaluation.of(new Loss(1, 2))));
    Contribution.NodeSum sum =
        new Contribution.NodeSum(new ShardTree.Node(0, 2), new Loss(0.1, 7), new int[] {256, 300});
    return Stream.of(
            new Messages.Hello(Messages.VERSION, new UUID(-3, 4), 7, 5, address).write(),
            new Messages.Failure(3, true, "it has failed").write(),
            new Messages.Broken(8, "it cannot be reached").write(),
            Messages.leave(9),
            Messages.share(new SharedMemory.Key("unroll-x", new UUID(5, -6), 1 << 20)),
            new Command.Message(train, calls, owners, new int[] {0, 256, 512, 700}).write(),
            new Command.Message(
                    Command.evaluate(9, Split.TEST, null), calls, Owners.NONE, Runs.NONE)
                .write(),
            new Contribution.Message(4, new Span(0, 300), List.of(share), List.of(sum)).write())
        .map(DamagedMessages::bytes)
        .toList();
  }

  private static byte[] bytes(ByteBuffer message) {
    byte[] bytes = new byte[message.remaining()];
    message.get(bytes);
    return bytes;
  }

  /**
   * Reads a message as an end of a connection does, which gives up a connection whose messages make
   * no sense: any exception will do, but nothing that takes memory or time.
   */
  public static void read(byte[] damaged) {
    ByteBuffer message = ByteBuffer.wrap(damaged);
    try {
      switch (Messages.kind(message)) {
        case Messages.HELLO -> Messages.Hello.read(message);
        case Messages.FAILURE -> Messages.Failure.read(message);
        case Messages.BROKEN -> Messages.Broken.read(message);
        case Messages.LEAVE -> message.getInt();
        case Messages.SHARE -> Messages.readShare(message);
        case Messages.COMMAND -> Command.Message.read(message);
        case Messages.CONTRIBUTION -> Contribution.Message.read(message);
        default -> {
          // Nobody reads what is of no kind.
        }
      }
    } catch (RuntimeException e) {
      // The connection is closed.
    }
  }
}
