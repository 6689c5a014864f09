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
import org.unroll.rnn.network.ModelRunner;
import org.unroll.rnn.network.SequenceModel;

/** A short training, round by round, against PyTorch's with the same start. */
class TrainerGoldenTest {

  /** The windows of the file, in one thread, with the state carried. */
  private static final class GoldenRounds extends BareRounds {
    private final JsonNode windows;
    private final int rows;
    private final ModelRunner runner;
    private final float[] state;
    private final WeightedSum sum;

    GoldenRounds(SequenceModel model, JsonNode golden) {
      windows = golden.get("windows");
      rows = golden.get("rows").intValue();
      runner = new ModelRunner(model, windows.get(0).get("steps").intValue(), rows);
      state = new float[model.stateSize(rows)];
      sum = new WeightedSum(model.layout().size());
    }

    @Override
    public int windows() {
      return windows.size();
    }

    @Override
    public WeightedSum gradient(Window window, float[] params) {
      JsonNode golden = windows.get(window.index());
      Batch batch = Golden.batch(golden, rows);
      runner.setParams(params);
      sum.clear();
      sum.add(runner.train(batch, state, window.index() == 0, 0, sum.parts()));
      return sum;
    }
  }

  @Test
  void losses_and_norms_follow_those_of_pytorch() {
    JsonNode golden = Golden.read("losses.json");
    SequenceModel model = Golden.model(golden.get("spec"), false);
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
    GoldenRounds windows = new GoldenRounds(model, golden);
    new Trainer(model, spec)
        .fit(windows, Golden.params(model.layout(), golden.get("params")), listener);
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
    Golden.assertClose("final state", windows.state, Golden.state(golden.get("finalState")));
  }
}
