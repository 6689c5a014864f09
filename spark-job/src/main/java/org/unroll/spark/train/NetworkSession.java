// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.network.client.TransportClient;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.WeightedSum;

/** The driver's end of a connection: sends commands, puts contributions together. */
final class NetworkSession extends Session {
  private final TransportClient client;
  private final NetworkHub.ParamsFrames params;
  private final int chunkBytes;
  private final List<float[]> gradients = new ArrayList<>();
  private final float[] states;
  private final int shards;
  private final FrameReader reader = new FrameReader();
  private Messages.ContributionHead head;

  NetworkSession(
      WorkerPlan plan, int worker, TransportClient client, NetworkHub.ParamsFrames params) {
    super(worker);
    this.client = client;
    this.params = params;
    chunkBytes = Transport.chunkBytes();
    shards = plan.firstShard(worker + 1) - plan.firstShard(worker);
    states = new float[plan.stateSize(worker)];
    plan.nodes(worker).forEach(node -> gradients.add(new float[plan.work().parameters()]));
  }

  @Override
  void deliver(Command command) {
    client.send(Messages.command(command));
    if (command.params() != null) {
      params.of(command).forEach(frame -> client.send(frame.duplicate()));
    }
    if (command.states() != null) {
      new Frames(chunkBytes).encode(List.of(command.states())).forEach(client::send);
    }
  }

  @Override
  String where() {
    return client.getSocketAddress() instanceof InetSocketAddress address
        ? address.getHostString()
        : String.valueOf(client.getSocketAddress());
  }

  /**
   * Takes a message of a contribution; returns the contribution when it is complete, otherwise
   * null.
   *
   * @throws IllegalStateException if the message is not what must come next
   */
  Contribution read(ByteBuffer message) {
    int kind = Messages.kind(message);
    if (kind == Messages.CONTRIBUTION && head == null) {
      begin(Messages.readContribution(message));
    } else if (kind == Frames.FLOATS && head != null) {
      reader.read(message);
    } else {
      throw new IllegalStateException("message " + Integer.toHexString(kind) + " is not due");
    }
    return reader.isComplete() ? end() : null;
  }

  private void begin(Messages.ContributionHead next) {
    int expected = next.hasSums() ? gradients.size() : shards;
    if (next.losses().size() != expected) {
      throw new IllegalStateException(
          "it sent " + next.losses().size() + " losses instead of " + expected);
    }
    List<float[]> floats = new ArrayList<>();
    if (next.hasSums()) {
      floats.addAll(gradients);
      floats.add(states);
    }
    reader.expect(floats);
    head = next;
  }

  private Contribution end() {
    Messages.ContributionHead done = head;
    head = null;
    if (!done.hasSums()) {
      return new Contribution(done.round(), List.of(), done.losses(), Contribution.NO_STATES);
    }
    List<WeightedSum> sums = new ArrayList<>();
    for (int i = 0; i < gradients.size(); i++) {
      Loss loss = done.losses().get(i);
      sums.add(new WeightedSum(gradients.get(i), loss.sum(), loss.weight()));
    }
    return new Contribution(done.round(), sums, List.of(), states);
  }
}
