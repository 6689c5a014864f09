// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Tokenizer;
import scala.Tuple2;

/**
 * Count blocks are counted tokens, and hashes of documents, as blocks of bytes, each for the
 * partition that adds up its content: a few large records for a shuffle instead of many small ones.
 * A token may be in several blocks of a partition, so that the memory for counting is bounded
 * however many there are.
 */
final class CountBlocks {
  private static final byte TOKENS = 0;
  private static final byte DOCUMENTS = 1;
  private static final int SEVEN_BITS = 0x7F;

  private CountBlocks() {}

  /**
   * Adds up all blocks and returns the most frequent tokens.
   *
   * @param most tokens; no more than these come to the driver
   * @param minCount those that occur less often are not among them
   */
  static TopTokens top(
      JavaPairRDD<Integer, byte[]> blocks, int partitions, int most, long minCount) {
    return blocks
        .partitionBy(new HashPartitioner(partitions))
        .mapPartitions(all -> List.of(TopTokens.of(new Sum(all), most, minCount)).iterator())
        .treeReduce((a, b) -> a.merge(b, most));
  }

  /** Counts slices of text, in a table of bounded size. */
  static final class Table {
    private static final int MOST_SLICES = 1 << 18;
    private static final int MOST_SLICE_BYTES = 1 << 24;

    private final SliceTable slices = new SliceTable();
    private long[] counts = new long[1 << 9];

    /** Counts a slice so many times. */
    void add(byte[] text, int from, int to, long times) {
      int slice = slices.add(text, from, to);
      if (slice >= counts.length) {
        counts = Arrays.copyOf(counts, counts.length * 2);
      }
      counts[slice] += times;
    }

    boolean isFull() {
      return slices.size() >= MOST_SLICES || slices.bytes() >= MOST_SLICE_BYTES;
    }

    /** Moves all that was counted into blocks, as the tokens that the slices stand for. */
    void drain(Tokenizer tokenizer, int partitions, Collection<Tuple2<Integer, byte[]>> out) {
      SliceTable tokens = slices;
      long[] sums = counts;
      if (changesSlices(tokenizer)) {
        tokens = new SliceTable();
        sums = new long[slices.size()];
        for (int s = 0; s < slices.size(); s++) {
          byte[] token =
              tokenizer
                  .token(slices.array(), slices.start(s), slices.start(s + 1))
                  .getBytes(StandardCharsets.UTF_8);
          sums[tokens.add(token, 0, token.length)] += counts[s];
        }
      }
      Block[] blocks = new Block[partitions];
      for (int t = 0; t < tokens.size(); t++) {
        Block block = block(blocks, partition(tokens.hash(t), partitions), TOKENS);
        int length = tokens.start(t + 1) - tokens.start(t);
        block.number(length);
        block.write(tokens.array(), tokens.start(t), length);
        block.number(sums[t]);
      }
      addAll(blocks, out);
      Arrays.fill(counts, 0, slices.size(), 0);
      slices.clear();
    }
  }

  /** Returns whether slices of different bytes may be the same token. */
  static boolean changesSlices(Tokenizer tokenizer) {
    return Boolean.TRUE.equals(tokenizer.options().get("lowercase"));
  }

  /** Adds blocks of documents' hashes, two numbers each. */
  static void documents(long[] hashes, int partitions, Collection<Tuple2<Integer, byte[]>> out) {
    Block[] blocks = new Block[partitions];
    for (int d = 0; d < hashes.length; d += 2) {
      Block block = block(blocks, partition(hashes[d], partitions), DOCUMENTS);
      block.longNumber(hashes[d]);
      block.longNumber(hashes[d + 1]);
    }
    addAll(blocks, out);
  }

  private static int partition(long hash, int partitions) {
    return (int) ((hash >>> 1) % partitions);
  }

  private static Block block(Block[] blocks, int partition, byte kind) {
    if (blocks[partition] == null) {
      blocks[partition] = new Block(kind);
    }
    return blocks[partition];
  }

  private static void addAll(Block[] blocks, Collection<Tuple2<Integer, byte[]>> out) {
    for (int p = 0; p < blocks.length; p++) {
      if (blocks[p] != null) {
        out.add(new Tuple2<>(p, blocks[p].toByteArray()));
      }
    }
  }

  /** A block while it is written: its kind, and then numbers and bytes. */
  private static final class Block extends ByteArrayOutputStream {
    Block(byte kind) {
      super(1 << 10);
      write(kind);
    }

    /** Writes seven bits a byte, the low ones first. */
    void number(long value) {
      long rest = value;
      while (rest > SEVEN_BITS) {
        write((int) (rest & SEVEN_BITS | SEVEN_BITS + 1));
        rest >>>= 7;
      }
      write((int) rest);
    }

    void longNumber(long value) {
      for (int shift = 56; shift >= 0; shift -= 8) {
        write((int) (value >>> shift));
      }
    }
  }

  /** Adds up the blocks of one partition: each token and each document is in one partition only. */
  static final class Sum {
    private final SliceTable tokens = new SliceTable();
    private long[] counts = new long[1 << 9];

    /** Pairs of numbers by open addressing; two zeros are a free place. */
    private long[] documents = new long[1 << 10];

    private int distinct;

    private Sum(Iterator<Tuple2<Integer, byte[]>> blocks) {
      while (blocks.hasNext()) {
        read(blocks.next()._2());
      }
    }

    private void read(byte[] block) {
      ByteBuffer in = ByteBuffer.wrap(block);
      boolean ofTokens = in.get() == TOKENS;
      while (in.hasRemaining()) {
        if (ofTokens) {
          int length = (int) number(in);
          int from = in.position();
          in.position(from + length);
          token(block, from, from + length, number(in));
        } else {
          document(in.getLong(), in.getLong());
        }
      }
    }

    private static long number(ByteBuffer in) {
      long value = 0;
      int shift = 0;
      byte next = in.get();
      while (next < 0) {
        value |= (long) (next & SEVEN_BITS) << shift;
        shift += 7;
        next = in.get();
      }
      return value | (long) next << shift;
    }

    private void token(byte[] bytes, int from, int to, long count) {
      int token = tokens.add(bytes, from, to);
      if (token >= counts.length) {
        counts = Arrays.copyOf(counts, counts.length * 2);
      }
      counts[token] += count;
    }

    private void document(long high, long low) {
      if (4L * distinct >= documents.length) {
        long[] before = documents;
        documents = new long[before.length * 2];
        for (int i = 0; i < before.length; i += 2) {
          if (before[i] != 0 || before[i + 1] != 0) {
            int place = place(before[i], before[i + 1]);
            documents[place] = before[i];
            documents[place + 1] = before[i + 1];
          }
        }
      }
      int place = place(high, low);
      if (documents[place] == 0 && documents[place + 1] == 0) {
        documents[place] = high;
        documents[place + 1] = low;
        distinct++;
      }
    }

    private int place(long high, long low) {
      int mask = documents.length - 2;
      int place = (int) (low >>> 8) & mask;
      while ((documents[place] != high || documents[place + 1] != low)
          && (documents[place] != 0 || documents[place + 1] != 0)) {
        place = place + 2 & mask;
      }
      return place;
    }

    SliceTable tokens() {
      return tokens;
    }

    long count(int token) {
      return counts[token];
    }

    /** Returns the number of different documents that are not empty. */
    long distinctDocuments() {
      return distinct;
    }
  }
}
