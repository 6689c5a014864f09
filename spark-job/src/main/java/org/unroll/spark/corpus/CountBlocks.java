// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
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

  /** Counts slices of text, or tokens. */
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

    SliceTable slices() {
      return slices;
    }

    long count(int slice) {
      return counts[slice];
    }

    /** Returns whether it is time to {@link #drain} what was counted. */
    boolean isFull() {
      return slices.size() >= MOST_SLICES || slices.bytes() >= MOST_SLICE_BYTES;
    }

    /** Moves all that was counted into blocks, as the tokens that the slices stand for. */
    void drain(Tokenizer tokenizer, int partitions, Collection<Tuple2<Integer, byte[]>> out) {
      Table all = this;
      if (changesSlices(tokenizer)) {
        all = new Table();
        for (int s = 0; s < slices.size(); s++) {
          byte[] token =
              tokenizer
                  .token(slices.array(), slices.start(s), slices.start(s + 1))
                  .getBytes(StandardCharsets.UTF_8);
          all.add(token, 0, token.length, counts[s]);
        }
      }
      SliceTable tokens = all.slices;
      Output[] blocks = new Output[partitions];
      for (int t = 0; t < tokens.size(); t++) {
        Output block = block(blocks, partition(tokens.hash(t), partitions), TOKENS);
        int length = tokens.start(t + 1) - tokens.start(t);
        block.writeVarInt(length, true);
        block.writeBytes(tokens.array(), tokens.start(t), length);
        block.writeVarLong(all.counts[t], true);
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
    Output[] blocks = new Output[partitions];
    for (int d = 0; d < hashes.length; d += 2) {
      Output block = block(blocks, partition(hashes[d], partitions), DOCUMENTS);
      block.writeLong(hashes[d]);
      block.writeLong(hashes[d + 1]);
    }
    addAll(blocks, out);
  }

  private static int partition(long hash, int partitions) {
    return (int) ((hash >>> 1) % partitions);
  }

  private static Output block(Output[] blocks, int partition, byte kind) {
    if (blocks[partition] == null) {
      blocks[partition] = new Output(1 << 10, -1);
      blocks[partition].writeByte(kind);
    }
    return blocks[partition];
  }

  private static void addAll(Output[] blocks, Collection<Tuple2<Integer, byte[]>> out) {
    for (int p = 0; p < blocks.length; p++) {
      if (blocks[p] != null) {
        out.add(new Tuple2<>(p, blocks[p].toBytes()));
      }
    }
  }

  /** Adds up the blocks of one partition: each token and each document is in one partition only. */
  static final class Sum {
    private final Table tokens = new Table();

    /** Pairs of numbers by open addressing; two zeros are a free place. */
    private long[] documents = new long[1 << 10];

    private int distinct;

    private Sum(Iterator<Tuple2<Integer, byte[]>> blocks) {
      while (blocks.hasNext()) {
        read(blocks.next()._2());
      }
    }

    private void read(byte[] block) {
      Input in = new Input(block);
      boolean ofTokens = in.readByte() == TOKENS;
      while (in.position() < block.length) {
        if (ofTokens) {
          int length = in.readVarInt(true);
          int from = in.position();
          in.setPosition(from + length);
          tokens.add(block, from, from + length, in.readVarLong(true));
        } else {
          document(in.readLong(), in.readLong());
        }
      }
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

    Table tokens() {
      return tokens;
    }

    /** Returns the number of different documents that are not empty. */
    long distinctDocuments() {
      return distinct;
    }
  }
}
