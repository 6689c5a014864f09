// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.util.Map;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.network.SequenceModel;

/**
 * What a model folder holds.
 *
 * @param config the specification and where the model comes from
 * @param model the layout of the parameters
 * @param params the parameters, {@code model.layout().size()} of them
 * @param vocabulary the tokens, {@code model.spec().vocabulary()} of them
 */
public record SavedModel(
    ModelConfig config, SequenceModel model, float[] params, Vocabulary vocabulary)
    implements ModelContent {

  public SavedModel {
    if (!config.model().equals(model.spec())) {
      throw new IllegalArgumentException(
          "the configuration describes " + config.model() + " but the model is " + model.spec());
    }
    if (params.length != model.layout().size()) {
      throw new IllegalArgumentException(
          "the model has "
              + model.layout().size()
              + " parameters but "
              + params.length
              + " were given");
    }
    if (vocabulary.size() != model.spec().vocabulary()) {
      throw new IllegalArgumentException(
          "the model has "
              + model.spec().vocabulary()
              + " tokens but the vocabulary "
              + vocabulary.size());
    }
  }

  @Override
  public Map<String, AtomicFiles.Content> files() {
    return Map.of(
        ModelFolder.CONFIG,
        config::write,
        ModelFolder.PARAMS,
        ModelStore.params(model.layout(), params),
        ModelFolder.VOCABULARY,
        vocabulary::write);
  }
}
