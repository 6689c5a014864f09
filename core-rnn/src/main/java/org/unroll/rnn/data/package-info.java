// SPDX-License-Identifier: Apache-2.0

/**
 * This package makes data what a network takes: tokens, vocabularies, examples and batches.
 *
 * <pre>{@code
 * text -> Tokenizer -> tokens -> Vocabulary -> ids      one text, one token an object
 * text -> Slicer -> slices -> SliceTable -> ids         at scale, without an object for a token
 *
 * ids in a row (TokenRun) -> StreamPlan -> StreamBatcher
 *                                                        \
 *                                                         -> Batch, packed and time-major
 *                                                        /
 *                           Example -> BucketBatcher
 * }</pre>
 *
 * <p>The package may use {@code math}, and {@code io} for what goes wrong in files.
 */
package org.unroll.rnn.data;
