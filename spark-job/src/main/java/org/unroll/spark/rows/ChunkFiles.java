// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.store.HadoopFiles;

/** Opens the text of chunks, on the driver or on any executor. */
@DefaultSerializer(JavaSerializer.class)
public final class ChunkFiles implements Serializable {
  private static final long serialVersionUID = 1L;

  private final SerializableConfiguration conf;

  public ChunkFiles(Configuration conf) {
    this.conf = new SerializableConfiguration(conf);
  }

  /** How Hadoop is configured. */
  public Configuration conf() {
    return conf.value();
  }

  /**
   * The text of a chunk, unpacked.
   *
   * @throws InputException if the file is not what was listed
   */
  public InputStream open(Chunk chunk) throws IOException {
    return open(chunk, bytes -> new LineRangeStream(bytes, chunk.start(), chunk.end()));
  }

  /**
   * The text of a chunk's file from a byte on to the end of the file, unpacked.
   *
   * @param from 0 if the file is compressed
   * @throws InputException if the file is not what was listed
   */
  public InputStream text(Chunk chunk, long from) throws IOException {
    return open(
        chunk,
        bytes -> {
          bytes.seek(from);
          return bytes;
        });
  }

  /** What is read of a plain file. */
  private interface Plain {
    InputStream of(FSDataInputStream bytes) throws IOException;
  }

  private InputStream open(Chunk chunk, Plain plain) throws IOException {
    Path path = new Path(chunk.path());
    FileSystem fs = HadoopFiles.fileSystem(path, conf.value());
    requireUnchanged(chunk);
    FSDataInputStream bytes = fs.open(path);
    try {
      return chunk.packed() ? new Unpacking(conf.value()).open(bytes, path) : plain.of(bytes);
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  /** The place of a chunk's text in that of its file. */
  public static long first(InputStream text) {
    return text instanceof LineRangeStream lines ? lines.first() : 0;
  }

  /**
   * Checks that a chunk's file has the length that was listed.
   *
   * @throws InputException if it has another
   */
  void requireUnchanged(Chunk chunk) throws IOException {
    Path path = new Path(chunk.path());
    long bytes = HadoopFiles.fileSystem(path, conf.value()).getFileStatus(path).getLen();
    if (bytes != chunk.fileBytes()) {
      throw InputProblems.changed(
          chunk,
          "had " + chunk.fileBytes() + " bytes when the run began and has " + bytes + " now");
    }
  }

  /**
   * The line, from 1, of a place in a file's text. Reads the file up to there: only for messages.
   */
  public long lineAt(Chunk chunk, long offset) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long line = 1;
    try (InputStream in = text(chunk, 0)) {
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
