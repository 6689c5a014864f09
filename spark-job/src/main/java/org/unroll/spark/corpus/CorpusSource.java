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
    TokenRange.length(this, from, to);
    return encoding.value().read(reader.value(), first + from, first + to);
  }
}
