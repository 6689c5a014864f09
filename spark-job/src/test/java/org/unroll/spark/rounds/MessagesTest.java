// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.WorkerTimes;

class MessagesTest {
  /** As the other end sees it: in a buffer that knows nothing of the sender's byte order. */
  private static ByteBuffer received(ByteBuffer sent, int kind) {
    ByteBuffer message = ByteBuffer.allocate(sent.remaining()).put(sent).flip();
    assertThat(Messages.kind(message)).isEqualTo(kind);
    return message;
  }

  private static void assertArrives(Command.Message sent) {
    ByteBuffer message = received(sent.write(), Messages.COMMAND);
    assertThat(Command.Message.read(message)).usingRecursiveComparison().isEqualTo(sent);
    assertThat(message.hasRemaining()).isFalse();
  }

  private static void assertArrives(Contribution.Message sent) {
    ByteBuffer message = received(sent.write(), Messages.CONTRIBUTION);
    assertThat(Contribution.Message.read(message)).usingRecursiveComparison().isEqualTo(sent);
    assertThat(message.hasRemaining()).isFalse();
  }

  @Test
  void a_hello_names_the_run_and_the_worker() {
    Transport.Address address = new Transport.Address("høst", 7091);
    Messages.Hello hello = new Messages.Hello(Messages.VERSION, new UUID(-3, 4), 7, 5, address);
    assertThat(Messages.Hello.read(received(hello.write(), Messages.HELLO))).isEqualTo(hello);
  }

  @Test
  void a_failure_keeps_its_words() {
    Messages.Failure failure = new Messages.Failure(3, true, "é?");
    assertThat(Messages.Failure.read(received(failure.write(), Messages.FAILURE)))
        .isEqualTo(failure);
  }

  @Test
  void shared_memory_is_offered_with_all_that_opens_it() {
    SharedMemory.Key key = new SharedMemory.Key("unroll-x", new UUID(5, -6), 1 << 20);
    assertThat(Messages.readShare(received(Messages.share(key), Messages.SHARE))).isEqualTo(key);
  }

  @Test
  void whoever_leaves_is_named() {
    assertThat(received(Messages.leave(9), Messages.LEAVE).getInt()).isEqualTo(9);
  }

  @Test
  void commands_say_whom_they_are_for_and_what_floats_follow() {
    List<Command.Call> calls = List.of(new Command.Call(1, 4, true), new Command.Call(2, 3, false));
    Command train = Command.train(1L << 40, new Window(2, 3, 1L << 33), null);
    assertArrives(new Command.Message(train, calls, Owners.NONE, new int[] {0, 256, 512, 700}));
    assertArrives(new Command.Message(train, calls, Owners.NONE, Runs.NONE));
    assertArrives(
        new Command.Message(
            Command.evaluate(9, Split.TEST, null), calls, Owners.NONE, Runs.all(3)));
    assertArrives(new Command.Message(Command.STOP, calls, Owners.NONE, Runs.NONE));
  }

  @Test
  void commands_say_who_adds_what() {
    List<Owners.Owner> all =
        List.of(
            new Owners.Owner(new Transport.Address("one", 1), new Span(0, 512)),
            new Owners.Owner(new Transport.Address("høst", 2), new Span(512, 700)),
            new Owners.Owner(new Transport.Address("three", 3), Span.NONE));
    Command train = Command.train(3, new Window(0, 1, 2), null);
    for (int self = 0; self < 3; self++) {
      assertArrives(
          new Command.Message(train, List.of(), new Owners(all, self, true), Runs.all(700)));
    }
    assertThat(new Owners(all, 1, true).passing()).isEqualTo(1);
    assertThat(new Owners(all, 2, true).passing()).isEqualTo(2);
    assertThat(new Owners(all, 2, false).passing()).isZero();
  }

  @Test
  void a_broken_link_has_its_round_and_a_reason() {
    Messages.Broken broken = new Messages.Broken(1L << 40, "nobody is there");
    assertThat(Messages.Broken.read(received(broken.write(), Messages.BROKEN))).isEqualTo(broken);
  }

  @Test
  void totals_name_the_slowest_link() {
    LinkTime link = new LinkTime("10.0.0.1", "", 1L << 40);
    assertArrives(new Contribution.Message(4, new Span(0, 256), List.of(), List.of(), link));
  }

  @Test
  void contributions_have_the_losses_of_their_workers_and_of_their_sums() {
    List<Contribution.Share> shares =
        List.of(
            new Contribution.Share(
                1,
                0,
                new WorkerTimes(1L << 40, 7, 1L << 39, 3, 1L << 38),
                List.of(
                    new Evaluation(new Loss(-1, 2), new double[] {7, 0.1}),
                    Evaluation.of(new Loss(1, 2)))),
            new Contribution.Share(2, 1, WorkerTimes.NONE, List.of()));
    Contribution.NodeSum sum =
        new Contribution.NodeSum(new ShardTree.Node(0, 2), new Loss(0.1, 7), new int[] {256, 300});
    Contribution.NodeSum empty =
        new Contribution.NodeSum(new ShardTree.Node(2, 3), Loss.ZERO, Runs.NONE);
    assertArrives(new Contribution.Message(4, new Span(256, 512), shares, List.of(sum, empty)));
    assertArrives(new Contribution.Message(5, Span.NONE, shares, List.of()));
  }

  @Test
  void a_number_of_runs_that_does_not_fit_is_refused() {
    ByteBuffer message =
        new Command.Message(Command.STOP, List.of(), Owners.NONE, Runs.all(5)).write();
    message.order(ByteOrder.LITTLE_ENDIAN).putInt(message.limit() - 12, Integer.MAX_VALUE);
    Messages.kind(message);
    assertThatThrownBy(() -> Command.Message.read(message))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("2147483647 borders");
  }
}
