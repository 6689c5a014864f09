// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Chunks that follow one another and become files of their own: the work of a task.
 *
 * @param fromChunk the first chunk
 * @param toChunk the chunk behind the last
 * @param firstFile the number of its first file
 * @param firstToken the position of its first token in the corpus
 * @param tokens of all its chunks
 * @param fileTokens the most tokens of a file
 */
@DefaultSerializer(JavaSerializer.class)
record StreamRun(
    int fromChunk, int toChunk, int firstFile, long firstToken, long tokens, long fileTokens)
    implements Serializable {

  /**
   * Cuts a corpus into runs whose chunks fit into a file; a chunk that does not fit becomes several
   * files. It does not depend on the cluster.
   */
  static List<StreamRun> cut(List<ChunkResult> chunks, int firstFile, long firstToken) {
    List<StreamRun> runs = new ArrayList<>();
    long fileTokens =
        CorpusShardFolder.fileTokens(chunks.stream().mapToLong(ChunkResult::tokens).sum());
    int from = 0;
    int file = firstFile;
    long position = firstToken;
    long tokens = 0;
    for (int c = 0; c <= chunks.size(); c++) {
      boolean full =
          c == chunks.size() || tokens > 0 && tokens + chunks.get(c).tokens() > fileTokens;
      if (full && tokens > 0) {
        runs.add(new StreamRun(from, c, file, position, tokens, fileTokens));
        file += runs.get(runs.size() - 1).files();
        position += tokens;
        from = c;
        tokens = 0;
      }
      tokens += c < chunks.size() ? chunks.get(c).tokens() : 0;
    }
    return runs;
  }

  /** How many files it becomes. */
  int files() {
    return Math.toIntExact((tokens + fileTokens - 1) / fileTokens);
  }
}
