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

  /** Returns the configuration of Hadoop. */
  public Configuration conf() {
    return conf.value();
  }

  /**
   * Returns the text of a chunk, unpacked.
   *
   * @throws InputException if the file is not what was listed
   */
  public InputStream open(Chunk chunk) throws IOException {
    return open(chunk, bytes -> new LineRangeStream(bytes, chunk.start(), chunk.end()));
  }

  /**
   * Returns the text of a chunk's file from a byte on to the end of the file, unpacked.
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

  /** Chooses what is read of a plain file. */
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

  /** Returns the place of a chunk's text in that of its file. */
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
   * Returns the line, from 1, of a place in a file's text. Reads the file up to there: only for
   * messages.
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

  /**
   * The lines of a file that begin in a range of its bytes, each with the newline that ends it.
   * Ranges that follow one another thus give every byte once, wherever they are cut: inside a
   * character, or between the two bytes of {@code \r\n}. No more is read than the range and the
   * rest of its last line.
   */
  static final class LineRangeStream extends InputStream {
    private static final int SCAN_BYTES = 1 << 13;

    private final FSDataInputStream in;
    private final long first;
    private final long end;
    private long position;
    private boolean ended;

    /** Takes the range {@code [start, end)} of a stream, which is closed with this one. */
    LineRangeStream(FSDataInputStream in, long start, long end) throws IOException {
      this.in = in;
      this.end = end;
      this.first = start == 0 ? 0 : lineStart(start);
      this.position = first;
      this.ended = first >= end;
      if (!ended) {
        in.seek(first);
      }
    }

    /** Returns the place of the first byte in the file. */
    long first() {
      return first;
    }

    /**
     * The first place from {@code start} on that follows a newline, or one that is not before
     * {@link #end}.
     */
    private long lineStart(long start) throws IOException {
      byte[] buffer = new byte[SCAN_BYTES];
      long place = start - 1;
      in.seek(place);
      while (place < end) {
        int count = in.read(buffer, 0, buffer.length);
        if (count < 0) {
          return end;
        }
        int newline = newline(buffer, 0, count);
        if (newline >= 0) {
          return place + newline + 1;
        }
        place += count;
      }
      return place;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int count = ended ? -1 : in.read(into, offset, length);
      if (count < 0) {
        ended = true;
        return -1;
      }
      // The line that holds the range's last byte is the last one; its newline is at end - 1 or
      // later.
      long before = end - 1 - position;
      if (before < count) {
        int newline = newline(into, offset + (int) Math.max(0, before), offset + count);
        if (newline >= 0) {
          ended = true;
          count = newline + 1 - offset;
        }
      }
      position += count;
      return count;
    }

    private static int newline(byte[] bytes, int from, int to) {
      for (int i = from; i < to; i++) {
        if (bytes[i] == '\n') {
          return i;
        }
      }
      return -1;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
