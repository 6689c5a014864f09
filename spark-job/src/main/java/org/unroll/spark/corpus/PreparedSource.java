// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.data.TokenRun;

/**
 * A run of a prepared corpus' tokens, of which workers hold a little of every row. The table of
 * files is broadcast, so that this stays small.
 */
@DefaultSerializer(JavaSerializer.class)
record PreparedSource(Broadcast<ShardTable> shards, long first, long end) implements TokenSource {
  /** What reading a page takes beside the row's own: it packed, unpacked, and a dictionary. */
  private static final long PAGE_BYTES = 4 << 20;

  @Override
  public long tokens() {
    return end - first;
  }

  @Override
  public int[] read(long from, long to) {
    int[] ids = new int[TokenRange.length(this, from, to)];
    shards.value().read(first + from, ids.length, ids);
    return ids;
  }

  @Override
  public TokenRun open(long from, long to, int pieceTokens) {
    TokenRange.requireWithin(this, from, to);
    return new Run(shards.value(), first + from, to - from, pieceTokens);
  }

  @Override
  public long bytes(long tokens, int rows, int pieceTokens) {
    return PAGE_BYTES + Math.min(2L * Integer.BYTES * pieceTokens * rows, Integer.BYTES * tokens);
  }

  private record Run(ShardTable shards, long first, long tokens, int pieceTokens)
      implements TokenRun {
    @Override
    public TokenRun.Cursor cursor(long from, long to) {
      return new RowTokens(shards, first, from, to, pieceTokens);
    }
  }
}
