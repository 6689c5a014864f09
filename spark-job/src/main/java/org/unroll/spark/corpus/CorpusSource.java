// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import org.apache.spark.broadcast.Broadcast;

/** A run of a corpus' tokens. Files and vocabulary are broadcast, so that this stays small. */
@DefaultSerializer(JavaSerializer.class)
record CorpusSource(
    Broadcast<CorpusReader> reader, Broadcast<Encoding> encoding, long first, long end)
    implements TokenSource {

  @Override
  public long tokens() {
    return end - first;
  }

  @Override
  public int[] read(long from, long to) {
    if (from < 0 || from > to || to > tokens()) {
      throw new IllegalArgumentException(
          "tokens [" + from + ", " + to + ") are not within the " + tokens() + " of this source");
    }
    if (to - from > Integer.MAX_VALUE - Long.BYTES) {
      throw new IllegalArgumentException(
          "one array cannot hold the " + (to - from) + " tokens of a shard; use more shards");
    }
    return encoding.value().read(reader.value(), first + from, first + to);
  }
}
