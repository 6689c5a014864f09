// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkFiles;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.InputProblems;

/** Opens the chunks of a corpus, on the driver or on any executor. */
@DefaultSerializer(JavaSerializer.class)
final class CorpusReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ChunkTable table;
  private final Tokenizer tokenizer;
  private final ChunkFiles files;

  CorpusReader(ChunkTable table, Tokenizer tokenizer, Configuration conf) {
    this.table = table;
    this.tokenizer = tokenizer;
    this.files = new ChunkFiles(conf);
  }

  ChunkTable table() {
    return table;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * Opens the tokens of a chunk.
   *
   * @throws InputException if the file is gone, not readable, or not what was listed
   */
  ChunkTokens open(int chunk) throws IOException {
    return open(chunk, null);
  }

  /** Likewise; the digest, if not null, sees all bytes of the chunk's text that are read. */
  ChunkTokens open(int index, MessageDigest digest) throws IOException {
    Chunk chunk = table.chunk(index);
    try {
      InputStream text = files.open(chunk);
      long first = ChunkFiles.first(text);
      InputStream seen = digest == null ? text : new DigestInputStream(text, digest);
      return new ChunkTokens(this, chunk, first, seen);
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
    }
  }

  /** See {@link ChunkFiles#lineAt}. */
  long lineAt(Chunk chunk, long offset) throws IOException {
    return files.lineAt(chunk, offset);
  }
}
