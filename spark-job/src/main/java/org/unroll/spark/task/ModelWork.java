// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.data.TokenRun;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Shard;
import org.unroll.rnn.train.ShardWorker;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.StreamShards;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.rounds.ShardWork;

/**
 * Training a language model on tokens.
 *
 * @param model what is trained
 * @param spec how
 * @param data tokens; those of validation and test may be missing
 */
public record ModelWork(ModelSpec model, TrainSpec spec, TokenSource.Splits data)
    implements ShardWork {
  private static final long PIECES_BYTES = 64 << 20;

  /** The one that is in use, and the next. */
  private static final int PIECES_A_ROW = 2;

  private static final int LEAST_PIECE = 1 << 10;
  private static final int MOST_PIECE = 1 << 16;

  @Override
  public int shards() {
    return spec.shards();
  }

  @Override
  public int parameters() {
    return new SequenceModel(model).layout().size();
  }

  @Override
  public Wire wire() {
    return spec.wire();
  }

  @Override
  public int windows() {
    return plan(Split.TRAIN).windows();
  }

  @Override
  public int stateSize(int shard) {
    return spec.state() == StateMode.CARRY
        ? model.rnn().stateSize(plan(Split.TRAIN).rowsOf(shard))
        : 0;
  }

  @Override
  public boolean has(Split split) {
    return source(split) != null;
  }

  @Override
  public Learner open(int first, int end) {
    int pieceTokens = pieceTokensOf(end - first);
    List<Shard> shards = new ArrayList<>();
    for (int s = first; s < end; s++) {
      StreamBatcher train = read(Split.TRAIN, s, pieceTokens);
      StreamBatcher valid = read(Split.VALID, s, pieceTokens);
      shards.add(new Shard(s, train, valid, read(Split.TEST, s, pieceTokens)));
    }
    int maxRows =
        Arrays.stream(Split.values())
            .filter(this::has)
            .mapToInt(split -> plan(split).maxRows())
            .max()
            .orElseThrow();
    ShardWorker worker = new ShardWorker(new SequenceModel(model), spec, maxRows, threads());
    return new StreamShards(shards, worker, spec.state() == StateMode.CARRY);
  }

  private StreamBatcher read(Split split, int shard, int pieceTokens) {
    if (!has(split)) {
      return null;
    }
    StreamPlan plan = plan(split);
    TokenRun tokens = source(split).open(plan.firstToken(shard), plan.endToken(shard), pieceTokens);
    return new StreamBatcher(plan, shard, tokens);
  }

  /** As many as Spark has reserved cores for the task that runs this ({@code spark.task.cpus}). */
  private static int threads() {
    TaskContext task = TaskContext.get();
    return task == null ? 1 : task.cpus();
  }

  TokenSource source(Split split) {
    return switch (split) {
      case TRAIN -> data.train();
      case VALID -> data.valid();
      case TEST -> data.test();
    };
  }

  /**
   * The most tokens of a row that a worker of so many rows holds in one piece where they are not in
   * memory: all its rows share a budget, and a power of two fits a prepared corpus.
   */
  static int pieceTokens(long rows) {
    long each = PIECES_BYTES / (PIECES_A_ROW * Integer.BYTES * Math.max(1, rows));
    return (int) Math.max(LEAST_PIECE, Math.min(MOST_PIECE, Long.highestOneBit(Math.max(1, each))));
  }

  /** The same for a worker of so many shards. */
  int pieceTokensOf(int hosted) {
    long rows =
        Arrays.stream(Split.values())
            .filter(this::has)
            .mapToLong(split -> (long) hosted * plan(split).maxRows())
            .sum();
    return pieceTokens(rows);
  }

  /** Bytes of the data of a worker of so many shards. */
  long dataBytes(int hosted) {
    int piece = pieceTokensOf(hosted);
    return Arrays.stream(Split.values())
        .filter(this::has)
        .mapToLong(
            split -> {
              int rows = hosted * plan(split).maxRows();
              long tokens = source(split).tokens() / spec.shards() * hosted;
              return source(split).bytes(tokens, rows, piece);
            })
        .sum();
  }

  /** How a split that is there is cut. */
  StreamPlan plan(Split split) {
    return spec.plan(split, source(split).tokens());
  }
}
