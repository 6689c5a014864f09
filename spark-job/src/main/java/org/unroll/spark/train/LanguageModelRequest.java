// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.function.IntFunction;
import org.unroll.rnn.model.ModelSpec;
import org.unroll.rnn.train.TrainSpec;

/**
 * A language model to be trained.
 *
 * @param data to learn
 * @param model the network for a vocabulary of this size
 * @param embeddings what its embedding starts from, or null
 * @param train how
 * @param rounds where the shards live
 * @param workers Spark tasks, 0 for as many as can work
 * @param out folder of the model
 * @param overwrite whether a model that is there may be replaced
 * @param checkpoints how the training survives its driver
 * @param command as a person would type it again
 */
public record LanguageModelRequest(
    TextData data,
    IntFunction<ModelSpec> model,
    EmbeddingStart embeddings,
    TrainSpec train,
    RoundsKind rounds,
    int workers,
    String out,
    boolean overwrite,
    CheckpointSettings checkpoints,
    String command) {
  /** The same with other data. */
  LanguageModelRequest with(TextData other) {
    return new LanguageModelRequest(
        other, model, embeddings, train, rounds, workers, out, overwrite, checkpoints, command);
  }
}
