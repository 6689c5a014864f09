// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.model.ModelRunner;
import org.unroll.rnn.model.ModelSpec;
import org.unroll.rnn.model.SequenceModel;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Param;

/** A short training, round by round, against PyTorch's with the same start. */
class TrainerGoldenTest {

  /** The windows of the file, in one thread, with the state carried. */
  private static final class GoldenRounds implements Rounds {
    private final JsonNode windows;
    private final int rows;
    private final ModelRunner runner;
    private final float[] state;
    private final WeightedSum sum;
    private final Batch batch = new Batch();

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
      batch.reshape(golden.get("steps").intValue(), rows);
      for (int i = 0; i < batch.steps() * rows; i++) {
        batch.inputs()[i] = golden.get("inputs").get(i).intValue();
        batch.targets()[i] = golden.get("targets").get(i).intValue();
      }
      runner.setParams(params);
      sum.clear();
      sum.add(runner.train(batch, state, window.index() == 0, 0, sum.gradient()));
      return sum;
    }

    @Override
    public Loss evaluate(Split split, float[] params) {
      return Loss.ZERO;
    }

    @Override
    public void close() {}
  }

  @Test
  void losses_and_norms_follow_those_of_pytorch() throws IOException {
    JsonNode golden;
    try (InputStream in = TrainerGoldenTest.class.getResourceAsStream("/golden/losses.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    JsonNode shape = golden.get("spec");
    SequenceModel model =
        new SequenceModel(
            new ModelSpec(
                shape.get("vocabulary").intValue(),
                shape.get("embedding").intValue(),
                CellType.valueOf(shape.get("cell").textValue()),
                shape.get("layers").intValue(),
                shape.get("hidden").intValue(),
                shape.get("bias").booleanValue(),
                0,
                shape.get("tied").booleanValue(),
                false));
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
    new Trainer(model, spec)
        .fit(new GoldenRounds(model, golden), params(model, golden.get("params")), listener);
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
  }

  private static float[] params(SequenceModel model, JsonNode golden) {
    float[] params = new float[model.layout().size()];
    for (Param param : model.layout().params()) {
      JsonNode data = golden.get(param.name()).get("data");
      assertThat(data).hasSize(param.size());
      for (int i = 0; i < param.size(); i++) {
        params[param.offset() + i] = (float) data.get(i).doubleValue();
      }
    }
    return params;
  }
}
