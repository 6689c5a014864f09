// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Shard;

/** Where the tokens of a prepared corpus are. Takes memory by file. */
@DefaultSerializer(JavaSerializer.class)
final class ShardTable implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String[] paths;
  private final long[] bytes;

  /** The corpus position of each file's first token, and the number of all tokens. */
  private final long[] first;

  private final SerializableConfiguration conf;

  ShardTable(PreparedCorpus corpus, Configuration conf) {
    List<Shard> shards = corpus.shards();
    paths = new String[shards.size()];
    bytes = new long[shards.size()];
    first = new long[shards.size() + 1];
    for (int f = 0; f < paths.length; f++) {
      Shard shard = shards.get(f);
      paths[f] = corpus.file(shard).toString();
      bytes[f] = shard.bytes();
      first[f] = shard.first();
    }
    first[paths.length] = corpus.tokens();
    this.conf = new SerializableConfiguration(conf);
  }

  /**
   * Reads the ids of the tokens {@code [from, from + count)} from the files that hold them.
   *
   * @param into gets them, from its beginning on
   * @throws InputException if a file is gone, or is not what was prepared
   */
  void read(long from, int count, int[] into) {
    int filled = 0;
    try {
      while (filled < count) {
        long at = from + filled;
        int file = Starts.find(first, at);
        int some = (int) Math.min(first[file + 1] - at, count - filled);
        try (ShardReader reader =
            new ShardReader(paths[file], bytes[file], first[file], conf.value())) {
          reader.read(at - first[file], some, into, filled);
        }
        filled += some;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Where a piece of at most so many tokens had best end that begins at a position: with a file, or
   * where none is in two of a file's rows.
   */
  long pieceEnd(long position, int most) {
    int file = Starts.find(first, position);
    long left = most - (position - first[file]) % most;
    return Math.min(first[file + 1], position + left);
  }
}
