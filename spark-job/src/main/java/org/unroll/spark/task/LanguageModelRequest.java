// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.unroll.rnn.network.ModelSpec;

/**
 * A language model to be trained.
 *
 * @param data to learn
 * @param model the network for a vocabulary of this size
 * @param embeddings what its embedding starts from, or null
 * @param run how it is trained and where it goes
 */
public record LanguageModelRequest(
    TextData data, IntFunction<ModelSpec> model, EmbeddingStart embeddings, RunRequest run) {
  /** Returns the settings, with what the data decide of them. */
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("unit", data.unit());
    settings.put("vocab_size", data.vocabularySize());
    settings.put("min_count", data.minCount());
    run.settings().forEach(settings::putIfAbsent);
    return settings;
  }

  /** Returns the same request with other data. */
  LanguageModelRequest with(TextData other) {
    return new LanguageModelRequest(other, model, embeddings, run);
  }
}
