// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import org.unroll.spark.rows.RowKey;

/**
 * What became of the rows of a shard.
 *
 * @param examples that were made of them
 * @param steps of those together
 * @param unusable rows that the task cannot use
 * @param reason of the first of those, or null
 * @param first of those, or null
 */
@DefaultSerializer(JavaSerializer.class)
record ShardSummary(long examples, long steps, long unusable, String reason, RowKey first)
    implements Serializable {

  ShardSummary plus(ShardSummary other) {
    boolean own = other.first == null || first != null && first.compareTo(other.first) <= 0;
    return new ShardSummary(
        examples + other.examples,
        steps + other.steps,
        unusable + other.unusable,
        own ? reason : other.reason,
        own ? first : other.first);
  }
}
