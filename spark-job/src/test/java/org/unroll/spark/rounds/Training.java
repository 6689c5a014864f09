// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/** A few epochs of plain descent over any rounds, as bits that can be compared. */
public final class Training {
  private static final int EPOCHS = 2;

  private Training() {}

  /** Parameters and losses of all rounds and evaluations, folded into one text. */
  static String run(Rounds rounds, int parameters) {
    StringBuilder trace = new StringBuilder();
    float[] params = new float[parameters];
    for (int i = 0; i < parameters; i++) {
      params[i] = RandomBits.uniform(11, i) - 0.5f;
    }
    long step = 0;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      for (int w = 0; w < rounds.windows(); w++) {
        WeightedSum sum = rounds.gradient(new Window(epoch, w, step++), params);
        for (int i = 0; i < parameters; i++) {
          params[i] -= 0.05f * sum.parts().dense()[i] / (float) sum.loss().weight();
        }
        trace.append(sum.loss()).append('\n');
      }
      trace.append(text(rounds.evaluate(Split.VALID, params))).append('\n');
      trace.append(text(rounds.evaluate(Split.VALID, params))).append('\n');
      trace.append(text(rounds.evaluate(Split.TEST, params))).append('\n');
    }
    return trace.append(Arrays.hashCode(params)).toString();
  }

  private static String text(Evaluation evaluation) {
    return evaluation.loss() + " " + Arrays.toString(evaluation.sums());
  }

  /** All shards in this thread. */
  public static Rounds inThisThread(ShardWork work) {
    WorkerShards shards = new WorkerShards(new WorkerPlan(new UUID(0, 0), 1, work), 0);
    return new Rounds() {
      @Override
      public int windows() {
        return work.windows();
      }

      @Override
      public WeightedSum gradient(Window window, float[] params) {
        return shards
            .run(Command.train(1, window, work.wire().rounded(params, new float[0])))
            .sums()
            .get(0);
      }

      @Override
      public Evaluation evaluate(Split split, float[] params) {
        return work.has(split)
            ? Evaluation.sum(shards.run(Command.evaluate(1, split, params)).share().parts())
            : Evaluation.NONE;
      }

      @Override
      public RoundTimes times() {
        return RoundTimes.NONE;
      }

      @Override
      public Map<ShardTree.Node, Loss> losses() {
        return Map.of();
      }

      @Override
      public List<float[]> states() {
        return List.of();
      }

      @Override
      public void restore(List<float[]> states) {}

      @Override
      public void close() {}
    };
  }
}
