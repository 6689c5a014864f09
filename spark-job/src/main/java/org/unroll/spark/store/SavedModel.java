// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.io.Safetensors;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;

/**
 * The content of a model folder, whatever the model does.
 *
 * @param config the network, what it reads and where it comes from
 * @param params the parameters, as the layout of the network has them
 * @param vocabularies the tokens of each column
 * @param characters of the words of the first column, or null
 * @param tensors what the task learnt besides, by name; empty for nothing
 */
public record SavedModel(
    ModelConfig config,
    float[] params,
    List<Vocabulary> vocabularies,
    Vocabulary characters,
    Map<String, Tensor> tensors) {
  public SavedModel {
    vocabularies = List.copyOf(vocabularies);
    int size = new Network(config.model()).layout().size();
    if (params.length != size) {
      throw new IllegalArgumentException(
          "the model has " + size + " parameters but " + params.length + " were given");
    }
    List<InputSpec.TokenColumn> columns = config.model().inputs().columns();
    for (int c = 0; c < columns.size(); c++) {
      if (vocabularies.get(c).size() != columns.get(c).vocabulary()) {
        throw new IllegalArgumentException(
            "the model has %s tokens but the vocabulary %s"
                .formatted(columns.get(c).vocabulary(), vocabularies.get(c).size()));
      }
    }
  }

  /** Returns the network with the layout of its parameters. */
  public Network network() {
    return new Network(config.model());
  }

  /** Returns what each file of the folder holds, by its name. */
  Map<String, AtomicFiles.Content> files() {
    Map<String, AtomicFiles.Content> files = new LinkedHashMap<>();
    files.put(ModelFolder.CONFIG, config::write);
    files.put(
        ModelFolder.PARAMS,
        out -> Safetensors.write(out, network().layout(), params, ModelStore.METADATA));
    for (int c = 0; c < vocabularies.size(); c++) {
      files.put(ModelFolder.vocabulary(c), vocabularies.get(c)::write);
    }
    if (characters != null) {
      files.put(ModelFolder.CHARACTERS, characters::write);
    }
    if (!tensors.isEmpty()) {
      files.put(ModelFolder.PROBE, out -> Safetensors.write(out, tensors, ModelStore.METADATA));
    }
    return files;
  }
}
