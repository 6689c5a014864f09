// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
 * @param data tokens; those of validation and test may be missing
 * @param spec how they are cut
 */
record TextShards(TokenSource.Splits data, TrainSpec spec) implements TrainingData.Shards {
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
  public boolean has(Split split) {
    return source(split) != null;
  }

  @Override
  public ExampleSource open(Network network, int first, int end) {
    int pieceTokens = pieceTokensOf(end - first);
    List<Map<Split, StreamBatcher>> shards = new ArrayList<>();
    for (int shard = first; shard < end; shard++) {
      Map<Split, StreamBatcher> own = new EnumMap<>(Split.class);
      for (Split split : splits().toList()) {
        own.put(split, open(split, shard, pieceTokens));
      }
      shards.add(own);
    }
    return new StreamSource(first, shards);
  }

  private Stream<Split> splits() {
    return Arrays.stream(Split.values()).filter(this::has);
  }

  private StreamBatcher open(Split split, int shard, int pieceTokens) {
    StreamPlan plan = plan(split);
    TokenRun tokens = source(split).open(plan.firstToken(shard), plan.endToken(shard), pieceTokens);
    return new StreamBatcher(plan, shard, tokens);
  }

  private TokenSource source(Split split) {
    return switch (split) {
      case TRAIN -> data.train();
      case VALID -> data.valid();
      case TEST -> data.test();
    };
  }

  /** Returns how a split that is there is cut. */
  StreamPlan plan(Split split) {
    return spec.plan(split, source(split).tokens());
  }

  /** Returns the rows of the largest shard of any split. */
  int maxRows() {
    return splits().mapToInt(split -> plan(split).maxRows()).max().orElse(0);
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
    return pieceTokens(splits().mapToLong(split -> (long) hosted * plan(split).maxRows()).sum());
  }

  /** Returns the bytes that the tokens of a worker of so many shards take. */
  long bytes(int hosted) {
    int piece = pieceTokensOf(hosted);
    return splits()
        .mapToLong(
            split -> {
              int rows = hosted * plan(split).maxRows();
              long tokens = source(split).tokens() / spec.shards() * hosted;
              return source(split).bytes(tokens, rows, piece);
            })
        .sum();
  }
}
