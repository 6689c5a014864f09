// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

/**
 * A model of a reading task to be trained.
 *
 * @param task what is learnt
 * @param data from which rows
 * @param network by which network
 * @param embeddings what the vectors of the first column of tokens start from, or null
 * @param run how it is trained and where it goes
 * @param shardsFolder where encoded rows are kept while it is trained
 */
public record ReadingRequest(
    ReadingTask task,
    ReadingData data,
    ReadingNetwork network,
    EmbeddingStart embeddings,
    RunRequest run,
    String shardsFolder) {}
