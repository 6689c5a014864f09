// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.nn.CellType;

/** A small model to keep. */
final class TestModel {
  private TestModel() {}

  /** A model whose parameters are {@code first}, {@code first + 1} and so on. */
  static SavedModel starting(float first) {
    SequenceModel model =
        new SequenceModel(new ModelSpec(3, 2, CellType.LSTM, 1, 2, true, 0, false, false));
    float[] params = new float[model.layout().size()];
    for (int i = 0; i < params.length; i++) {
      params[i] = first + i;
    }
    ModelConfig config =
        new ModelConfig(
            ModelConfig.FORMAT_VERSION,
            "lm",
            "char",
            model.spec(),
            Map.of("seed", 1),
            Map.of("source", "test"));
    Vocabulary vocabulary =
        Vocabulary.of(
            List.of(
                new Vocabulary.Entry("\n", 3),
                new Vocabulary.Entry("é", 2),
                new Vocabulary.Entry("\t", 1)));
    return new SavedModel(config, model, params, vocabulary);
  }

  static void assertEqual(SavedModel actual, SavedModel expected) {
    assertThat(actual.config()).isEqualTo(expected.config());
    assertThat(actual.params()).isEqualTo(expected.params());
    assertThat(actual.vocabulary().entries()).isEqualTo(expected.vocabulary().entries());
    assertThat(actual.model().spec()).isEqualTo(expected.model().spec());
  }
}
