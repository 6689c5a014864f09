// SPDX-License-Identifier: Apache-2.0

/**
 * Data as a network takes it: tokens, vocabularies, examples and batches.
 *
 * <pre>{@code
 * text -> Tokenizer -> tokens -> Vocabulary -> ids     Slicer and SliceTable: the same at scale,
 *                                                      without an object for a token
 * ids in a row (TokenRun) -> StreamPlan -> StreamBatcher ->
 *                                                           batches, time-major
 *                    examples -> BucketBatcher ->
 * }</pre>
 *
 * <p>The package may use {@code math}, and {@code io} for what goes wrong in files.
 */
package org.unroll.rnn.data;
