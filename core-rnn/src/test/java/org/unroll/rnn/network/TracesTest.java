// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.nn.CellTrace;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.Initializer;

/** What is told of the units obeys the equations of their cells, in both directions. */
class TracesTest {
  private static final int UNITS = 5;

  @ParameterizedTest
  @EnumSource(CellType.class)
  void gates_and_states_obey_the_equations_of_the_cell(CellType cell) {
    for (Direction direction : Direction.values()) {
      RnnSpec rnn = RnnSpec.of(cell, 4, UNITS, 2).with(direction);
      Network network =
          new Network(
              new NetworkSpec(
                  InputSpec.ofTokens(9, 4),
                  rnn,
                  null,
                  false,
                  null,
                  new HeadSpec.Softmax(3, Target.STEP)));
      Pass pass = new Pass(network);
      pass.load(Initializer.draw(network, InitSpec.PYTORCH, 3));
      Batch batch = new Batch(network.spec().batchShape());
      batch.fill(List.of(tokens("long", 1, 2, 3, 4, 2, 2, 8), tokens("short", 5, 6, 1, 0)));
      pass.read(batch, null);
      for (int row = 0; row < 2; row++) {
        List<CellTrace> traces = pass.traces(row);
        assertThat(traces).hasSize(2 * direction.count());
        traces.forEach(TracesTest::requireEquations);
        requireOutputs(traces, pass.outputs(row), direction.count());
      }
    }
  }

  private static Example tokens(String id, int... tokens) {
    return new Example(id, tokens.length, new int[][] {tokens}, null, null, null, null);
  }

  private static void requireEquations(CellTrace trace) {
    assertThat(trace.values().keySet()).containsAll(trace.cell().gateNames());
    for (int step = 0; step < trace.steps(); step++) {
      int t = trace.backward() ? trace.steps() - 1 - step : step;
      int before = trace.backward() ? t + 1 : t - 1;
      for (int u = 0; u < UNITS; u++) {
        double state = trace.value(CellTrace.STATE, t, u);
        if (trace.cell() == CellType.LSTM) {
          double c = step == 0 ? 0 : trace.value(CellTrace.CELL, before, u);
          double next =
              trace.value("forget", t, u) * c
                  + trace.value("input", t, u) * trace.value("candidate", t, u);
          assertThat((double) trace.value(CellTrace.CELL, t, u)).isCloseTo(next, within(1e-6));
          assertThat(state)
              .isCloseTo(trace.value("output", t, u) * StrictMath.tanh(next), within(1e-6));
        } else if (trace.cell() == CellType.GRU) {
          double h = step == 0 ? 0 : trace.value(CellTrace.STATE, before, u);
          double z = trace.value("update", t, u);
          assertThat(state)
              .isCloseTo((1 - z) * trace.value("candidate", t, u) + z * h, within(1e-6));
        } else {
          assertThat(trace.values()).containsOnlyKeys(CellTrace.STATE);
        }
      }
    }
  }

  /** The states of the last layer are what the encoder puts out. */
  private static void requireOutputs(List<CellTrace> traces, float[] outputs, int directions) {
    for (int d = 0; d < directions; d++) {
      CellTrace last = traces.get(traces.size() - directions + d);
      for (int t = 0; t < last.steps(); t++) {
        for (int u = 0; u < UNITS; u++) {
          assertThat(last.value(CellTrace.STATE, t, u))
              .isEqualTo(outputs[(t * directions + d) * UNITS + u]);
        }
      }
    }
  }
}
