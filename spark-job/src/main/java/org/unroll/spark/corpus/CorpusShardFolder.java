// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkFiles;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.InputProblems;

/** Where tasks write their shards. */
@DefaultSerializer(JavaSerializer.class)
final class CorpusShardFolder implements Serializable {
  private static final long serialVersionUID = 1L;

  /** As many files as a text is cut into before they grow. */
  private static final int FILES = 64;

  private static final long LEAST_ROWS = 16;

  private final String path;
  private final ChunkFiles files;

  /**
   * @param path of the corpus
   */
  CorpusShardFolder(Path path, ChunkFiles files) {
    this.path = path.toString();
    this.files = files;
  }

  /** What shards are called, relative to the corpus; their order is that of their names. */
  static String name(int number) {
    return PreparedCorpus.SHARDS + "/part-%08d.zstd.parquet".formatted(number);
  }

  /**
   * The most tokens of a file: enough files for many tasks, but none larger than they may be. It
   * depends on the text alone, so that the cluster does not change the files.
   */
  static long fileTokens(long tokens) {
    long rows = tokens / FILES / TokenShardWriter.ROW_TOKENS + 1;
    return Math.min(
        TokenShardWriter.FILE_TOKENS, Math.max(LEAST_ROWS, rows) * TokenShardWriter.ROW_TOKENS);
  }

  Path file(int number) {
    return new Path(path, name(number));
  }

  Configuration conf() {
    return files.conf();
  }

  static InputException unknownToken(Chunk chunk, String place) {
    return new InputException(
        "The input file "
            + InputProblems.name(chunk)
            + " has in "
            + place
            + " a token that is not in the vocabulary, which has no <unk>. Prepare all text at once"
            + " with --overwrite, or choose the vocabulary with --min-count 2 or --vocab-size,"
            + " which gives it <unk>.");
  }
}
