// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.ChunkTable.Chunk;
import org.unroll.spark.io.HadoopFiles;

/** Opens the files of chunks, on the driver or on any executor. */
public final class ChunkFiles implements Serializable {
  private static final long serialVersionUID = 1L;

  private final SerializableConfiguration conf;

  public ChunkFiles(Configuration conf) {
    this.conf = new SerializableConfiguration(conf);
  }

  /** The lines that begin in a chunk; see {@link LineRangeStream}. */
  InputStream lines(Chunk chunk) throws IOException {
    return open(
        chunk,
        bytes ->
            chunk.packed()
                ? unpack(bytes, chunk)
                : new LineRangeStream(bytes, chunk.start(), chunk.end()));
  }

  /**
   * A file's text from a byte on to the end of the file.
   *
   * @param chunk any of the file's
   * @param from 0 if the file is compressed
   * @throws InputException if the file is not what was listed
   */
  public InputStream text(Chunk chunk, long from) throws IOException {
    return open(
        chunk,
        bytes -> {
          if (chunk.packed()) {
            return unpack(bytes, chunk);
          }
          bytes.seek(from);
          return bytes;
        });
  }

  private interface Decoding {
    InputStream of(FSDataInputStream bytes) throws IOException;
  }

  private InputStream open(Chunk chunk, Decoding decoding) throws IOException {
    Path path = new Path(chunk.path());
    FileSystem fs = HadoopFiles.fileSystem(path, conf.value());
    requireUnchanged(chunk, fs.getFileStatus(path).getLen());
    FSDataInputStream bytes = fs.open(path);
    try {
      return decoding.of(bytes);
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  private InputStream unpack(InputStream bytes, Chunk chunk) throws IOException {
    return new Unpacking(conf.value()).open(bytes, new Path(chunk.path()));
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
