// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.Golden;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;

/** A short training, round by round, against PyTorch's with the same start. */
class TrainerGoldenTest {

  /** The windows of the file, in one thread, with the state carried. */
  private static final class GoldenRounds extends BareRounds {
    private final JsonNode windows;
    private final int rows;
    private final Pass pass;
    private final float[] state;
    private final WeightedSum sum;

    GoldenRounds(Network network, JsonNode golden) {
      windows = golden.get("windows");
      rows = golden.get("rows").intValue();
      pass = new Pass(network);
      state = new float[network.stateSize(rows)];
      sum = new WeightedSum(network.layout().size());
    }

    @Override
    public int windows() {
      return windows.size();
    }

    @Override
    public WeightedSum gradient(Window window, float[] params) {
      JsonNode golden = windows.get(window.index());
      Batch batch = Golden.batch(golden, Golden.Rows.of(golden, rows));
      pass.load(params);
      sum.clear();
      sum.add(pass.train(batch, state, null, 0, sum.parts()));
      return sum;
    }
  }

  @Test
  void losses_and_norms_follow_those_of_pytorch() {
    JsonNode golden = Golden.read("losses.json");
    Network network = Golden.language(golden.get("spec"), false);
    TrainSpec spec =
        Specs.train()
            .optimizer(OptimizerSpec.Kind.ADAM, golden.get("optimizer").get("lr").doubleValue())
            .clipNorm(golden.get("clipNorm").doubleValue())
            .build();
    List<RoundMetrics> rounds = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void round(RoundMetrics metrics) {
            rounds.add(metrics);
          }
        };
    GoldenRounds windows = new GoldenRounds(network, golden);
    new Trainer(network, spec)
        .fit(windows, Golden.params(network.layout(), golden.get("params")), listener);
    assertThat(rounds).hasSize(10);
    for (RoundMetrics round : rounds) {
      JsonNode expected = golden.get("windows").get(round.window() - 1);
      assertThat(round.loss().mean())
          .as("loss of window %d", round.window())
          .isCloseTo(expected.get("loss").doubleValue(), within(1e-5));
      assertThat(round.gradientNorm())
          .as("gradient norm of window %d", round.window())
          .isCloseTo(expected.get("norm").doubleValue(), within(1e-5));
    }
    Golden.Rows rows = Golden.Rows.of(golden.get("windows").get(0), windows.rows);
    Golden.assertClose("final state", windows.state, rows.state(golden.get("finalState")));
  }
}
