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

  private static void assertArrives(Messages.CommandHead head) {
    ByteBuffer message = received(Messages.command(head), Messages.COMMAND);
    assertThat(Messages.readCommand(message)).usingRecursiveComparison().isEqualTo(head);
    assertThat(message.hasRemaining()).isFalse();
  }

  private static void assertArrives(Messages.ContributionHead head) {
    ByteBuffer message = received(Messages.contribution(head), Messages.CONTRIBUTION);
    assertThat(Messages.readContribution(message)).usingRecursiveComparison().isEqualTo(head);
    assertThat(message.hasRemaining()).isFalse();
  }

  @Test
  void a_hello_names_the_run_and_the_worker() {
    UUID run = new UUID(-3, 4);
    assertThat(Messages.readHello(received(Messages.hello(run, 7, 5), Messages.HELLO)))
        .isEqualTo(new Messages.Hello(Messages.VERSION, run, 7, 5));
  }

  @Test
  void a_failure_keeps_its_words() {
    assertThat(Messages.readFailure(received(Messages.failure(3, true, "é?"), Messages.FAILURE)))
        .isEqualTo(new Messages.Failure(3, true, "é?"));
  }

  @Test
  void shared_memory_is_offered_with_all_that_opens_it() {
    SharedMemory.Key key = new SharedMemory.Key("unroll-x", new UUID(5, -6), 1 << 20);
    assertThat(Messages.readShare(received(Messages.share(key), Messages.SHARE))).isEqualTo(key);
  }

  @Test
  void whoever_leaves_is_named() {
    assertThat(Messages.readLeave(received(Messages.leave(9), Messages.LEAVE))).isEqualTo(9);
  }

  @Test
  void commands_say_whom_they_are_for_and_what_floats_follow() {
    List<Messages.Call> calls =
        List.of(new Messages.Call(1, 4, true), new Messages.Call(2, 3, false));
    Command train = Command.train(1L << 40, new Window(2, 3, 1L << 33), null);
    assertArrives(new Messages.CommandHead(train, calls, new int[] {0, 256, 512, 700}));
    assertArrives(new Messages.CommandHead(train, calls, Runs.NONE));
    assertArrives(
        new Messages.CommandHead(Command.evaluate(9, Split.TEST, null), calls, Runs.all(3)));
    assertArrives(new Messages.CommandHead(Command.STOP, calls, Runs.NONE));
  }

  @Test
  void contributions_have_the_losses_of_their_sums_or_of_their_shards() {
    List<Messages.Share> shares =
        List.of(
            new Messages.Share(1, 0, new WorkerTimes(1L << 40, 7, 1L << 39, 3, 1L << 38)),
            new Messages.Share(2, 1, WorkerTimes.NONE));
    Messages.NodeSum sum =
        new Messages.NodeSum(new ShardTree.Node(0, 2), new Loss(0.1, 7), new int[] {256, 300});
    Messages.NodeSum empty = new Messages.NodeSum(new ShardTree.Node(2, 3), Loss.ZERO, Runs.NONE);
    assertArrives(new Messages.ContributionHead(4, shares, List.of(sum, empty), List.of()));
    assertArrives(
        new Messages.ContributionHead(
            5,
            shares,
            List.of(),
            List.of(
                new Evaluation(new Loss(-1, 2), new double[] {7, 0.1}),
                Evaluation.of(new Loss(1, 2)))));
  }

  @Test
  void a_number_of_runs_that_does_not_fit_is_refused() {
    ByteBuffer message =
        Messages.command(new Messages.CommandHead(Command.STOP, List.of(), Runs.all(5)));
    message.order(ByteOrder.LITTLE_ENDIAN).putInt(message.limit() - 12, Integer.MAX_VALUE);
    Messages.kind(message);
    assertThatThrownBy(() -> Messages.readCommand(message))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("2147483647 borders");
  }
}
