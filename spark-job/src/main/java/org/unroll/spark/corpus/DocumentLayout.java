// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * A document layout knows where every document of a corpus of documents goes: they are sorted by
 * the bin of their length, in a bin by their order in the input, and cut into files by their
 * tokens. It depends on the input alone, and a task knows the place of each document of its chunk.
 */
@DefaultSerializer(JavaSerializer.class)
final class DocumentLayout implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The bins of each chunk. */
  private final int[][] bins;

  /** Documents before those of each of these bins in the order of the corpus. */
  private final long[][] documents;

  /** Tokens before those of each of these bins in the order of the corpus. */
  private final long[][] tokens;

  private final long allTokens;
  private final long fileTokens;

  /** Documents of the chunks before each. */
  private final long[] before;

  private DocumentLayout(int chunks, long allTokens) {
    this.bins = new int[chunks][];
    this.documents = new long[chunks][];
    this.tokens = new long[chunks][];
    this.allTokens = allTokens;
    this.fileTokens = ShardFolder.fileTokens(allTokens);
    this.before = new long[chunks + 1];
  }

  /**
   * Lays documents out.
   *
   * @param chunks the lengths of the documents of each chunk, in order
   */
  static DocumentLayout of(List<LengthHistogram.Sparse> chunks) {
    int most = LengthHistogram.bin(Long.MAX_VALUE) + 1;
    long[] documents = new long[most + 1];
    long[] tokens = new long[most + 1];
    for (LengthHistogram.Sparse counts : chunks) {
      for (int i = 0; i < counts.size(); i++) {
        documents[counts.bin(i) + 1] += counts.documents(i);
        tokens[counts.bin(i) + 1] += counts.tokens(i);
      }
    }
    Arrays.parallelPrefix(documents, Long::sum);
    Arrays.parallelPrefix(tokens, Long::sum);
    DocumentLayout layout = new DocumentLayout(chunks.size(), tokens[most]);
    for (int c = 0; c < chunks.size(); c++) {
      LengthHistogram.Sparse counts = chunks.get(c);
      layout.bins[c] = new int[counts.size()];
      layout.documents[c] = new long[counts.size()];
      layout.tokens[c] = new long[counts.size()];
      layout.before[c + 1] = layout.before[c];
      for (int i = 0; i < counts.size(); i++) {
        int bin = counts.bin(i);
        layout.bins[c][i] = bin;
        layout.documents[c][i] = documents[bin];
        layout.tokens[c][i] = tokens[bin];
        layout.before[c + 1] += counts.documents(i);
        documents[bin] += counts.documents(i);
        tokens[bin] += counts.tokens(i);
      }
    }
    return layout;
  }

  /** Returns the number of documents of the chunks {@code [from, to)}. */
  long documentsBefore(int from, int to) {
    return before[to] - before[from];
  }

  /** Returns how many files there are. */
  int files() {
    return Math.toIntExact(Math.max(1, (allTokens + fileTokens - 1) / fileTokens));
  }

  /** Returns the places of the documents of a chunk, to be asked for in their order. */
  Places places(int chunk) {
    return new Places(bins[chunk], documents[chunk].clone(), tokens[chunk].clone(), fileTokens);
  }

  /** The places of the documents of a chunk. */
  static final class Places {
    private static final int FILE_SHIFT = 40;

    private final int[] bins;
    private final long[] documents;
    private final long[] tokens;
    private final long fileTokens;

    private Places(int[] bins, long[] documents, long[] tokens, long fileTokens) {
      this.bins = bins;
      this.documents = documents;
      this.tokens = tokens;
      this.fileTokens = fileTokens;
    }

    /**
     * Returns the place of the next document: the number of its file in the high bits, and numbers
     * that rise in it; -1 if no such document was counted.
     */
    long next(int length) {
      int i = Arrays.binarySearch(bins, LengthHistogram.bin(length));
      if (i < 0) {
        return -1;
      }
      // A document without tokens at the very end would begin a file of its own.
      long file = Math.max(0, length == 0 ? tokens[i] - 1 : tokens[i]) / fileTokens;
      tokens[i] += length;
      return file << FILE_SHIFT | documents[i]++;
    }

    static int file(long place) {
      return (int) (place >>> FILE_SHIFT);
    }
  }
}
