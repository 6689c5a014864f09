// SPDX-License-Identifier: Apache-2.0

/**
 * Word vectors: learnt by skip-gram with negative sampling, read and written, searched and scored.
 *
 * <pre>{@code
 * SkipGramTrainer       the driver's side: rounds, merging of rows, the vectors at the end
 *   VectorMerge         what S shards have made of one vector becomes one vector
 *   SkipGramLearner     a worker's side: moves its own VectorCopies of a round's words,
 *                       block by block
 *     SkipGramText      the words of a shard that a round keeps
 *     NoiseTable        the words that are set against them
 *   SkipGramModel       the parameters: their layout, their start, the vectors made of them
 *
 * VectorFile -> WordVectors -> VectorSearch -> Analogies
 * }</pre>
 *
 * <p>The package may use {@code math}, {@code nn}, {@code data}, {@code io} and what a round is
 * made of in {@code train}; nothing else of the core uses it.
 */
package org.unroll.rnn.embed;
