// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Shard;

/**
 * What a task wrote.
 *
 * @param shards its files, in order; {@code first} counts from the first token of this run
 * @param unknown tokens without an id of their own
 * @param problem what is wrong with the input, or null; then nothing else counts
 */
@DefaultSerializer(JavaSerializer.class)
record ShardResult(List<Shard> shards, long unknown, String problem) implements Serializable {

  static ShardResult of(InputException problem) {
    return new ShardResult(List.of(), 0, problem.getMessage());
  }
}
