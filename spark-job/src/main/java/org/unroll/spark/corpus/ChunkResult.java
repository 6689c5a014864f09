// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;

/**
 * What a task found in one chunk of the input.
 *
 * @param tokens of all documents that begin in it
 * @param documents their number
 * @param bytes of text
 * @param invalidBytes that were no UTF-8 and have been replaced
 * @param emptyRows rows without a text, taken as empty
 * @param lineEnds tokens that are the end of a line
 * @param notEmpty documents with any text
 * @param lengths documents and tokens by bin
 * @param digest of what was read
 * @param problem what is wrong with the input, or null; then nothing else counts
 */
record ChunkResult(
    long tokens,
    long documents,
    long bytes,
    long invalidBytes,
    long emptyRows,
    long lineEnds,
    long notEmpty,
    BinCounts lengths,
    byte[] digest,
    String problem)
    implements Serializable {

  static ChunkResult of(String problem) {
    return new ChunkResult(0, 0, 0, 0, 0, 0, 0, new BinCounts(), new byte[0], problem);
  }
}
