// SPDX-License-Identifier: Apache-2.0
/**
 * A corpus is text or documents as numbers: counted, with a vocabulary, in shards that are read
 * while they are learnt.
 *
 * <pre>
 *   files --TokenizedText--&gt; TokenBlocks --VocabularyChoice--&gt; ids      a text, cut into tokens once
 *     |                                                          |
 *   PrepareJob --&gt; CorpusFolder: streams or documents --&gt; TokenSource: what workers read
 *                                                      RowShards: rows of a training, kept whole
 * </pre>
 *
 * <p>{@link org.unroll.spark.corpus.TokenSource} is what a training knows of its text, whether it
 * was prepared or is cut on the way. The package uses rows, store, report and cluster.
 */
package org.unroll.spark.corpus;
