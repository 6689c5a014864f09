// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The files of a corpus, cut into chunks that are read independently, in corpus order. A chunk of a
 * plain file is the lines that begin in its range of bytes, so it may be empty; a compressed file
 * is one chunk. Takes memory by file, not by chunk.
 */
public final class ChunkTable implements Serializable {
  private static final long serialVersionUID = 1L;

  /** So many files are opened in the time of a chunk, and so many small ones share a task. */
  private static final int FILES_PER_CHUNK = 32;

  private final String[] paths;
  private final String[] names;
  private final long[] bytes;
  private final boolean[] packed;
  private final int[] firstChunk;
  private final long chunkBytes;
  private final boolean whole;

  /**
   * A part of a file that is read by itself.
   *
   * @param path of its file
   * @param fileBytes length of its file
   * @param start of its range of bytes
   * @param end of that range
   * @param packed whether the file is compressed; then the range is the whole file
   */
  public record Chunk(String path, long fileBytes, long start, long end, boolean packed) {}

  /** Cuts files into ranges of {@code chunkBytes}, or makes a chunk of each. */
  public ChunkTable(List<InputFile> files, long chunkBytes, boolean whole) {
    if (chunkBytes < 1) {
      throw new IllegalArgumentException(
          "a chunk must have at least 1 byte but was to have " + chunkBytes);
    }
    this.chunkBytes = chunkBytes;
    this.whole = whole;
    this.paths = new String[files.size()];
    this.names = new String[files.size()];
    this.bytes = new long[files.size()];
    this.packed = new boolean[files.size()];
    this.firstChunk = new int[files.size() + 1];
    for (int f = 0; f < paths.length; f++) {
      InputFile file = files.get(f);
      paths[f] = file.path();
      names[f] = file.name();
      bytes[f] = file.bytes();
      packed[f] = file.packed();
      long chunks = isOne(f) ? Math.min(1, bytes[f]) : (bytes[f] + chunkBytes - 1) / chunkBytes;
      firstChunk[f + 1] = Math.toIntExact(firstChunk[f] + chunks);
    }
  }

  private boolean isOne(int file) {
    return whole || packed[file];
  }

  /** Returns the number of chunks. */
  public int chunks() {
    return firstChunk[paths.length];
  }

  /** Returns the number of files. */
  public int files() {
    return paths.length;
  }

  /** Returns the first chunk of a file; that of file {@link #files()} is {@link #chunks()}. */
  public int firstChunk(int file) {
    return firstChunk[file];
  }

  /** Returns a chunk. */
  public Chunk chunk(int index) {
    int f = fileOf(index);
    long start = isOne(f) ? 0 : (index - firstChunk[f]) * chunkBytes;
    long end = isOne(f) ? bytes[f] : Math.min(bytes[f], start + chunkBytes);
    return new Chunk(paths[f], bytes[f], start, end, packed[f]);
  }

  /** Returns the name of a file, relative to the input. */
  public String name(int file) {
    return names[file];
  }

  /** Returns the file of a chunk. */
  public int fileOf(int chunk) {
    int found = Arrays.binarySearch(firstChunk, chunk);
    if (found < 0) {
      return -found - 2;
    }
    while (firstChunk[found + 1] == chunk) {
      found++;
    }
    return found;
  }

  /**
   * Returns runs of chunks that are about as much work as one chunk each: task {@code i} takes
   * {@code [result[i], result[i + 1])}.
   */
  public int[] tasks() {
    int[] starts = new int[chunks() + 1];
    int count = 0;
    long work = chunkBytes;
    for (int c = 0; c < chunks(); c++) {
      Chunk chunk = chunk(c);
      long more = chunk.end() - chunk.start() + chunkBytes / FILES_PER_CHUNK;
      if (work + more > chunkBytes) {
        starts[count++] = c;
        work = 0;
      }
      work += more;
    }
    starts[count] = chunks();
    return Arrays.copyOf(starts, count + 1);
  }
}
