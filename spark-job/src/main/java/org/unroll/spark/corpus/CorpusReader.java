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
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.ChunkTable.Chunk;
import org.unroll.spark.io.HadoopFiles;

/** Opens the chunks of a corpus, on the driver or on any executor. */
@DefaultSerializer(JavaSerializer.class)
final class CorpusReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ChunkTable table;
  private final Tokenizer tokenizer;
  private final SerializableConfiguration conf;

  CorpusReader(ChunkTable table, Tokenizer tokenizer, Configuration conf) {
    this.table = table;
    this.tokenizer = tokenizer;
    this.conf = new SerializableConfiguration(conf);
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
      InputStream text = text(chunk);
      long first = text instanceof LineRangeStream lines ? lines.first() : 0;
      InputStream seen = digest == null ? text : new DigestInputStream(text, digest);
      return new ChunkTokens(this, chunk, first, seen);
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
    }
  }

  private InputStream text(Chunk chunk) throws IOException {
    Path path = new Path(chunk.path());
    FileSystem fs = HadoopFiles.fileSystem(path, conf.value());
    requireUnchanged(chunk, fs.getFileStatus(path).getLen());
    FSDataInputStream bytes = fs.open(path);
    try {
      return chunk.packed()
          ? new Unpacking(conf.value()).open(bytes, path)
          : new LineRangeStream(bytes, chunk.start(), chunk.end());
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  private static void requireUnchanged(Chunk chunk, long bytes) {
    if (bytes != chunk.fileBytes()) {
      throw InputProblems.changed(
          chunk,
          "had " + chunk.fileBytes() + " bytes when the run began and has " + bytes + " now");
    }
  }

  /**
   * The line, from 1, of a place in a file's text. Reads the file up to there: only for messages.
   */
  long lineAt(Chunk chunk, long offset) throws IOException {
    Chunk whole = new Chunk(chunk.path(), chunk.fileBytes(), 0, chunk.fileBytes(), chunk.packed());
    byte[] buffer = new byte[1 << 16];
    long line = 1;
    try (InputStream in = text(whole)) {
      for (long place = 0; place < offset; ) {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, offset - place));
        if (count < 0) {
          return line;
        }
        for (int i = 0; i < count; i++) {
          if (buffer[i] == '\n') {
            line++;
          }
        }
        place += count;
      }
    }
    return line;
  }
}
