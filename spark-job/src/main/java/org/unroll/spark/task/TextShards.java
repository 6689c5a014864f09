// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.data.TokenRun;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.train.ExampleSource;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.StreamSource;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.corpus.TokenSource;

/**
 * The shards of a text: each is a contiguous run of it, cut into streams.
 *
 * @param data the tokens of every split that there is
 * @param spec how they are cut
 */
record TextShards(Map<Split, TokenSource> data, TrainSpec spec) implements TrainingData.Shards {
  private static final long PIECES_BYTES = 64 << 20;

  /** The number of pieces of a row in memory: the one in use, and the next. */
  private static final int PIECES_A_ROW = 2;

  private static final int LEAST_PIECE = 1 << 10;
  private static final int MOST_PIECE = 1 << 16;

  @Override
  public int windows() {
    return plan(Split.TRAIN).windows();
  }

  @Override
  public int streams(int shard) {
    return plan(Split.TRAIN).rowsOf(shard);
  }

  @Override
  public double steps() {
    return data.keySet().stream()
        .mapToDouble(split -> (double) longest(plan(split)) * plan(split).maxRows())
        .max()
        .orElse(0);
  }

  /** Returns the steps of the longest window of any split. */
  int longest() {
    return data.keySet().stream().mapToInt(split -> longest(plan(split))).max().orElse(0);
  }

  private static int longest(StreamPlan plan) {
    long longestRow = (plan.pairs() + plan.rows() - 1) / plan.rows();
    return (int) Math.min(plan.window(), longestRow);
  }

  @Override
  public boolean has(Split split) {
    return data.containsKey(split);
  }

  @Override
  public ExampleSource open(Network network, int first, int end) {
    int pieceTokens = pieceTokensOf(end - first);
    List<Map<Split, StreamBatcher>> shards = new ArrayList<>();
    for (int shard = first; shard < end; shard++) {
      Map<Split, StreamBatcher> own = new EnumMap<>(Split.class);
      for (Split split : data.keySet()) {
        own.put(split, open(split, shard, pieceTokens));
      }
      shards.add(own);
    }
    return new StreamSource(first, shards);
  }

  private StreamBatcher open(Split split, int shard, int pieceTokens) {
    StreamPlan plan = plan(split);
    TokenRun tokens =
        data.get(split).open(plan.firstToken(shard), plan.endToken(shard), pieceTokens);
    return new StreamBatcher(plan, shard, tokens);
  }

  /** Returns how a split that is there is cut. */
  StreamPlan plan(Split split) {
    return spec.plan(split, data.get(split).tokens());
  }

  /** Returns the rows of the largest shard of any split. */
  int maxRows() {
    return data.keySet().stream().mapToInt(split -> plan(split).maxRows()).max().orElse(0);
  }

  /**
   * Returns the most tokens of a row that a worker of so many rows holds in one piece where they
   * are not in memory: all its rows share a budget, and a power of two fits a prepared corpus.
   */
  static int pieceTokens(long rows) {
    long each = PIECES_BYTES / (PIECES_A_ROW * Integer.BYTES * Math.max(1, rows));
    return (int) Math.max(LEAST_PIECE, Math.min(MOST_PIECE, Long.highestOneBit(Math.max(1, each))));
  }

  /** Returns {@link #pieceTokens} of a worker of so many shards. */
  int pieceTokensOf(int hosted) {
    return pieceTokens(
        data.keySet().stream().mapToLong(split -> (long) hosted * plan(split).maxRows()).sum());
  }

  @Override
  public long bytes(int hosted) {
    int piece = pieceTokensOf(hosted);
    long bytes = 0;
    for (Map.Entry<Split, TokenSource> split : data.entrySet()) {
      int rows = hosted * plan(split.getKey()).maxRows();
      long tokens = split.getValue().tokens() / spec.shards() * hosted;
      bytes += split.getValue().bytes(tokens, rows, piece);
    }
    return bytes;
  }
}
