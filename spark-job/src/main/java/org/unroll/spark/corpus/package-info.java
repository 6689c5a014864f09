// SPDX-License-Identifier: Apache-2.0
/**
 * A corpus is text or documents as numbers: counted, with a vocabulary, in shards that are read
 * while they are learnt.
 *
 * <pre>
 *   files --BlockTask--&gt; TokenBlocks: TextCorpus        a text, cut into tokens once
 *                            |
 *                            +--StreamEncoding--&gt; shards of a stream: StreamCorpus
 *                            |                                             |
 *                            +------------------&gt; TokenSource &lt;-----------+    what workers read
 *
 *   RowSet --DocumentEncoding--&gt; shards of rows: PreparedRows --&gt; RowSet
 *      |
 *      +--RowShards--&gt; the rows of a training, as its workers read them
 * </pre>
 *
 * <p>{@link org.unroll.spark.corpus.PrepareJob} writes both kinds into a {@link
 * org.unroll.spark.corpus.CorpusFolder}; a {@link org.unroll.spark.corpus.PreparedCorpus} is such a
 * folder when it is read.
 *
 * <p>What tasks that write read and write is cut by a {@link org.unroll.spark.corpus.TextCodec}, in
 * {@link org.unroll.spark.corpus.BytePairs} for example, which rows that are prepared bring along.
 *
 * <p>{@link org.unroll.spark.corpus.TokenSource} is what a training knows of its text, whether it
 * was prepared or is cut on the way. The package uses rows, store, report and cluster.
 */
package org.unroll.spark.corpus;
