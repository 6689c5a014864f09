// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

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
  /** The same with other data. */
  LanguageModelRequest with(TextData other) {
    return new LanguageModelRequest(other, model, embeddings, run);
  }
}
