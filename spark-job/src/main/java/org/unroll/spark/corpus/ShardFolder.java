// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.spark.corpus.CorpusDescription.Shard;

/** A shard folder is where tasks write the shards of a corpus. */
@DefaultSerializer(JavaSerializer.class)
final class ShardFolder implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The most files that a text is cut into before they grow. */
  private static final int FILES = 64;

  private static final long LEAST_ROWS = 16;

  private final String path;
  private final SerializableConfiguration conf;

  /**
   * @param path of the corpus
   */
  ShardFolder(Path path, Configuration conf) {
    this.path = path.toString();
    this.conf = new SerializableConfiguration(conf);
  }

  /** Returns a shard's name relative to the corpus; the order of shards is that of their names. */
  static String name(int number) {
    return PreparedCorpus.SHARDS + "/part-%08d.zstd.parquet".formatted(number);
  }

  /**
   * Returns the most tokens of a file: enough files for many tasks, but none larger than they may
   * be. It depends on the text alone, so that the cluster does not change the files.
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
    return conf.value();
  }

  /**
   * A summary is what was written, by one task or by all of them.
   *
   * @param shards in the order of the corpus
   * @param unknown tokens without an id of their own
   * @param problem what is wrong with the input, or null; then nothing else counts
   */
  @DefaultSerializer(JavaSerializer.class)
  record Written(List<Shard> shards, long unknown, String problem) implements Serializable {}
}
