// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Tokenizer;
import scala.Tuple2;

/**
 * Counted tokens and hashes of documents as blocks of bytes, each for the partition that adds up
 * its content: a few large records for a shuffle instead of many small ones.
 */
final class CountBlocks {
  private static final byte TOKENS = 0;
  private static final byte DOCUMENTS = 1;
  private static final int SEVEN_BITS = 0x7F;

  /** Takes what blocks hold. */
  interface Sink {
    void token(byte[] bytes, int from, int to, long count);

    void document(long high, long low);
  }

  private CountBlocks() {}

  private static int partition(long hash, int partitions) {
    return (int) ((hash >>> 1) % partitions);
  }

  /** Adds blocks of counted slices, as the tokens that they stand for. */
  static void tokens(
      SliceTable slices,
      long[] counts,
      Tokenizer tokenizer,
      int partitions,
      Collection<Tuple2<Integer, byte[]>> out) {
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
      block.number(tokens.start(t + 1) - tokens.start(t));
      block.write(tokens.array(), tokens.start(t), tokens.start(t + 1) - tokens.start(t));
      block.number(sums[t]);
    }
    addAll(blocks, out);
  }

  /** Whether slices of different bytes may be the same token. */
  static boolean changesSlices(Tokenizer tokenizer) {
    return Boolean.TRUE.equals(tokenizer.options().get("lowercase"));
  }

  /** Adds blocks of documents' hashes, two numbers each. */
  static void documents(
      long[] hashes, int count, int partitions, Collection<Tuple2<Integer, byte[]>> out) {
    Block[] blocks = new Block[partitions];
    for (int d = 0; d < count; d++) {
      Block block = block(blocks, partition(hashes[2 * d], partitions), DOCUMENTS);
      block.longNumber(hashes[2 * d]);
      block.longNumber(hashes[2 * d + 1]);
    }
    addAll(blocks, out);
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

  private static final class Block extends ByteArrayOutputStream {
    Block(byte kind) {
      super(1 << 10);
      write(kind);
    }

    /** Seven bits a byte, the low ones first. */
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

  /** Hands over what a block holds. */
  static void read(byte[] block, Sink out) {
    ByteBuffer in = ByteBuffer.wrap(block);
    boolean tokens = in.get() == TOKENS;
    while (in.hasRemaining()) {
      if (tokens) {
        int length = (int) number(in);
        int from = in.position();
        in.position(from + length);
        out.token(block, from, from + length, number(in));
      } else {
        out.document(in.getLong(), in.getLong());
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
}
