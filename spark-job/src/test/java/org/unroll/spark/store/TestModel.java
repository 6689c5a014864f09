// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.RnnSpec;

/** A small model to keep. */
public final class TestModel {
  private TestModel() {}

  /** A model whose parameters are {@code first}, {@code first + 1} and so on. */
  public static SavedModel starting(float first) {
    Network model =
        new Network(
            NetworkSpec.languageModel(3, RnnSpec.of(CellType.LSTM, 2, 2, 1), false, true, false));
    float[] params = new float[model.layout().size()];
    for (int i = 0; i < params.length; i++) {
      params[i] = first + i;
    }
    ModelConfig config =
        new ModelConfig(
            "lm",
            Map.of("unit", "char"),
            model.spec(),
            Map.of("seed", 1),
            Map.of("source", "test"));
    Vocabulary vocabulary =
        Vocabulary.of(
            List.of(
                new Vocabulary.Entry("\n", 3),
                new Vocabulary.Entry("é", 2),
                new Vocabulary.Entry("\t", 1)));
    return new SavedModel(config, params, List.of(vocabulary), null, Map.of());
  }

  /** Writes a model once. */
  public static void write(
      String out, boolean overwrite, SavedModel model, byte[] metrics, byte[] report) {
    ModelStore.Writer writer = new ModelStore.Writer(out, overwrite);
    writer.claim("");
    writer.replace(model, metrics, report);
  }

  public static void assertEqual(SavedModel actual, SavedModel expected) {
    assertThat(actual.config()).isEqualTo(expected.config());
    assertThat(actual.params()).isEqualTo(expected.params());
    assertThat(actual.vocabularies()).hasSize(expected.vocabularies().size());
    for (int column = 0; column < expected.vocabularies().size(); column++) {
      assertThat(actual.vocabularies().get(column).entries())
          .isEqualTo(expected.vocabularies().get(column).entries());
    }
  }
}
