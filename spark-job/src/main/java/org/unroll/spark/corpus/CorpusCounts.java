// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.store.HadoopFiles;

/**
 * What counting a corpus gives.
 *
 * @param firstToken the corpus position of each chunk's first token, and the number of all tokens
 * @param bytes of text
 * @param hash see {@link SourceHash}
 */
record CorpusCounts(long[] firstToken, long bytes, String hash) {

  /**
   * Puts together the results of {@link ChunkCounts#all}.
   *
   * @param results in the order of the corpus, together of all chunks
   * @throws InputException if there is a problem with the input, or no token
   */
  static CorpusCounts of(List<InputFile> files, ChunkTable table, List<TaskResult> results) {
    TaskResult.requireNoProblem(results);
    long[] firstToken = new long[table.chunks() + 1];
    long[] bytes = new long[table.chunks()];
    byte[] digests = new byte[table.chunks() * SourceHash.BYTES];
    int c = 0;
    for (TaskResult result : results) {
      byte[] some = result.digests();
      System.arraycopy(some, 0, digests, c * SourceHash.BYTES, some.length);
      for (int i = 0; i < result.counts().length; i += 2) {
        firstToken[c + 1] = firstToken[c] + result.counts()[i];
        bytes[c++] = result.counts()[i + 1];
      }
    }
    if (firstToken[c] == 0) {
      throw new InputException(
          "There is no text in the input: "
              + HadoopFiles.show(new Path(files.get(0).path()))
              + (files.size() > 1 ? " and the other " + (files.size() - 1) + " files have" : " has")
              + " nothing to learn from.");
    }
    return new CorpusCounts(
        firstToken, Arrays.stream(bytes).sum(), SourceHash.of(files, table, bytes, digests));
  }

  long tokens() {
    return firstToken[firstToken.length - 1];
  }
}
