// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.List;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.EncoderSpec;
import org.unroll.rnn.nn.Gradient;

/** A program like {@link AllocationProbe} that trains a reader with each head. */
final class ReaderAllocationProbe {
  private ReaderAllocationProbe() {}

  public static void main(String[] arguments) {
    List<HeadSpec> heads =
        List.of(
            new HeadSpec.Softmax(3, Target.SEQUENCE),
            new HeadSpec.Regression(2, Target.STEP),
            new HeadSpec.LinearCrf(4),
            new HeadSpec.Alignment(3));
    for (HeadSpec head : heads) {
      System.out.println(head.getClass().getSimpleName() + " " + allocated(head));
    }
  }

  private static long allocated(HeadSpec head) {
    InputSpec inputs =
        new InputSpec(
            List.of(new TokenColumn(9, 6), new TokenColumn(4, 2)),
            2,
            new WordSpec(7, 3, CellType.LSTM, 4, PoolingType.LAST));
    EncoderSpec encoder =
        new EncoderSpec(
            CellType.LSTM,
            inputs.width(),
            10,
            2,
            true,
            Direction.BOTH,
            true,
            true,
            new DropoutSpec(0.1, 0.1, 0.1, 0.1, 0.1, true));
    PoolingType pooling = head.target() == Target.SEQUENCE ? PoolingType.ATTENTION : null;
    ReaderCase given = new ReaderCase(new ReaderSpec(inputs, encoder, pooling, head), 5);
    ReaderModel model = new ReaderModel(given.spec());
    float[] params = given.params(model);
    SequenceBatch batch = given.batch();
    ReaderRunner runner = new ReaderRunner(model, new Team(1));
    Gradient gradient = new Gradient(params.length);
    return AllocationProbe.leastPerPass(
        () -> {
          gradient.clear();
          runner.setParams(params);
          runner.train(batch, 1, gradient);
        },
        () -> {
          runner.read(batch);
          runner.loss();
        });
  }
}
