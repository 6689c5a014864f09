// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

class MessagesTest {
  private static ByteBuffer received(ByteBuffer sent, int kind) {
    ByteBuffer message = ByteBuffer.allocate(sent.remaining()).put(sent).flip();
    assertThat(Messages.kind(message)).isEqualTo(kind);
    return message;
  }

  @Test
  void a_hello_names_the_run_and_the_worker() {
    UUID run = new UUID(-3, 4);
    assertThat(Messages.readHello(received(Messages.hello(run, 5), Messages.HELLO)))
        .isEqualTo(new Messages.Hello(Messages.VERSION, run, 5));
  }

  @Test
  void a_failure_keeps_its_words() {
    assertThat(Messages.readFailure(received(Messages.failure(true, "é?"), Messages.FAILURE)))
        .isEqualTo(new Messages.Failure(true, "é?"));
  }

  @Test
  void a_command_to_train_says_what_floats_follow() {
    Command sent = Command.train(1L << 40, new Window(2, 3, 1L << 33), new float[1]);
    assertThat(Messages.readCommand(received(Messages.command(sent), Messages.COMMAND)))
        .isEqualTo(new Messages.CommandHead(sent.with(null, null), true, false));
  }

  @Test
  void a_command_to_evaluate_may_keep_the_parameters() {
    Command sent = Command.evaluate(9, Split.TEST, null);
    assertThat(Messages.readCommand(received(Messages.command(sent), Messages.COMMAND)))
        .isEqualTo(new Messages.CommandHead(sent, false, false));
  }

  @Test
  void a_command_to_stop_stays_one() {
    assertThat(Messages.readCommand(received(Messages.command(Command.STOP), Messages.COMMAND)))
        .isEqualTo(new Messages.CommandHead(Command.STOP, false, false));
  }

  @Test
  void a_contribution_has_the_losses_of_its_sums_or_of_its_shards() {
    WeightedSum sum = new WeightedSum(new float[3], 0.1, 7);
    Contribution trained = new Contribution(4, List.of(sum, sum), List.of(), new float[2]);
    assertThat(
            Messages.readContribution(
                received(Messages.contribution(trained), Messages.CONTRIBUTION)))
        .isEqualTo(
            new Messages.ContributionHead(4, true, List.of(new Loss(0.1, 7), new Loss(0.1, 7))));
    Contribution evaluated =
        new Contribution(5, List.of(), List.of(new Loss(-1, 2)), Contribution.NO_STATES);
    assertThat(
            Messages.readContribution(
                received(Messages.contribution(evaluated), Messages.CONTRIBUTION)))
        .isEqualTo(new Messages.ContributionHead(5, false, List.of(new Loss(-1, 2))));
  }
}
