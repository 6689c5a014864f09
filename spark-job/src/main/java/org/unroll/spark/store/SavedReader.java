// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.ReaderConfig;
import org.unroll.rnn.io.Safetensors;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.ReaderModel;

/**
 * What the folder of a model that reads sequences holds.
 *
 * @param config its shape, what it reads and where it comes from
 * @param params the parameters, as the layout of the shape has them
 * @param vocabularies the tokens of each column
 * @param characters of the words, or null
 * @param probe what was fitted to its states, by name; empty for nothing
 */
public record SavedReader(
    ReaderConfig config,
    float[] params,
    List<Vocabulary> vocabularies,
    Vocabulary characters,
    Map<String, Tensor> probe)
    implements ModelContent {

  public SavedReader {
    vocabularies = List.copyOf(vocabularies);
  }

  /** The shape with the layout of its parameters. */
  public ReaderModel model() {
    return new ReaderModel(config.model());
  }

  @Override
  public Map<String, AtomicFiles.Content> files() {
    Map<String, AtomicFiles.Content> files = new LinkedHashMap<>();
    files.put(ModelFolder.CONFIG, config::write);
    files.put(ModelFolder.PARAMS, ModelStore.params(model().layout(), params));
    for (int c = 0; c < vocabularies.size(); c++) {
      files.put(ModelFolder.vocabulary(c), vocabularies.get(c)::write);
    }
    if (characters != null) {
      files.put(ModelFolder.CHARACTERS, characters::write);
    }
    if (!probe.isEmpty()) {
      files.put(ModelFolder.PROBE, out -> Safetensors.write(out, probe, ModelStore.METADATA));
    }
    return files;
  }
}
