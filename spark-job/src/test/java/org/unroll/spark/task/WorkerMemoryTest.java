// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Curriculum;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.LayerRates;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.PenaltySpec;
import org.unroll.rnn.train.RoundSpec;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.TokenSource;

class WorkerMemoryTest {
  private static final Network MODEL =
      new Network(
          NetworkSpec.languageModel(50, RnnSpec.of(CellType.LSTM, 8, 8, 1), false, true, false));
  private static final TrainSpec SPEC =
      new TrainSpec(
          20,
          10,
          RoundSpec.ONE,
          1,
          4,
          1,
          StateMode.CARRY,
          OptimizerSpec.of(OptimizerSpec.Kind.SGD, 1),
          ScheduleSpec.CONSTANT,
          PenaltySpec.NONE,
          InitSpec.PYTORCH,
          0,
          0,
          0,
          20,
          Wire.FP32,
          0,
          0,
          Curriculum.Kind.NONE,
          LayerRates.EQUAL);

  /** Tokens that nobody reads. */
  private record Tokens(long tokens) implements TokenSource {
    @Override
    public int[] read(long from, long to) {
      throw new AssertionError("an estimate reads nothing");
    }
  }

  /** Such tokens that are read piece by piece. */
  private record Pieces(long tokens) implements TokenSource {
    @Override
    public int[] read(long from, long to) {
      throw new AssertionError("an estimate reads nothing");
    }

    @Override
    public long bytes(long part, int rows, int pieceTokens) {
      return 2L * Integer.BYTES * rows * pieceTokens;
    }
  }

  /** Such tokens that take no memory. */
  private record Nothing(long tokens) implements TokenSource {
    @Override
    public int[] read(long from, long to) {
      throw new AssertionError("an estimate reads nothing");
    }

    @Override
    public long bytes(long part, int rows, int pieceTokens) {
      return 0;
    }
  }

  private static long bytes(TokenSource train, TokenSource valid, int workers) {
    Map<Split, TokenSource> data = new EnumMap<>(Map.of(Split.TRAIN, train));
    if (valid != null) {
      data.put(Split.VALID, valid);
    }
    return TrainJob.workerBytes(SPEC, MODEL, new TextShards(data, SPEC), workers);
  }

  @Test
  void tokens_in_memory_count_for_the_shards_that_a_worker_has() {
    long more = bytes(new Tokens(9_000_000), null, 2) - bytes(new Tokens(1_000_000), null, 2);
    assertThat(more).isEqualTo(4 * 8_000_000 / 2);
    long valid = bytes(new Tokens(800), new Tokens(4000), 2) - bytes(new Tokens(800), null, 2);
    assertThat(valid).isEqualTo(4 * 4000 / 2);
  }

  @Test
  void of_what_is_read_in_pieces_the_size_does_not_matter() {
    long few = bytes(new Pieces(1_000_000_000), null, 1);
    assertThat(bytes(new Pieces(1_000_000_000_000L), null, 1)).isEqualTo(few);
    long without = bytes(new Nothing(1_000_000_000), null, 1);
    assertThat(few - without).isEqualTo(20 * 2 * 4 * 65_536);
  }

  @Test
  void all_rows_of_a_worker_share_64_megabytes() {
    assertThat(TextShards.pieceTokens(0)).isEqualTo(65_536);
    assertThat(TextShards.pieceTokens(128)).isEqualTo(65_536);
    assertThat(TextShards.pieceTokens(129)).isEqualTo(32_768);
    assertThat(TextShards.pieceTokens(1000)).isEqualTo(8192);
    assertThat(TextShards.pieceTokens(10_000_000)).isEqualTo(1024);
    TokenSource pieces = new Pieces(1_000_000);
    Map<Split, TokenSource> data =
        Map.of(Split.TRAIN, pieces, Split.VALID, pieces, Split.TEST, pieces);
    TextShards work = new TextShards(data, SPEC);
    assertThat(work.pieceTokensOf(4)).isEqualTo(65_536); // 60 rows
    assertThat(work.bytes(4)).isEqualTo(60 * 2 * 4 * 65_536);
  }
}
