// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Comparator;

/**
 * The place of a row in its input, which orders rows as people see them: by file, then as in the
 * file. It does not depend on how the input is cut into tasks.
 *
 * @param file index of the file among all, by path
 * @param position see {@link RawRow}
 */
@DefaultSerializer(JavaSerializer.class)
public record RowKey(int file, long position) implements Comparable<RowKey>, Serializable {
  private static final Comparator<RowKey> ORDER =
      Comparator.comparingInt(RowKey::file).thenComparingLong(RowKey::position);

  @Override
  public int compareTo(RowKey other) {
    return ORDER.compare(this, other);
  }
}
