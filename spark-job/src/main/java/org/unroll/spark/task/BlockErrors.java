// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.unroll.rnn.network.Loss;

/**
 * How wrong a model is about the rows of a block, added up for each part of the rows by the number
 * that {@link Dealing} gives it.
 */
@DefaultSerializer(JavaSerializer.class)
final class BlockErrors implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * What is wrong with some rows.
   *
   * @param rows how many, or tokens of a text
   * @param error what is wrong out of what could be, or their loss
   */
  record Tally(long rows, Loss error) implements Serializable {
    static final Tally NONE = new Tally(0, Loss.ZERO);

    Tally plus(Tally other) {
      return new Tally(rows + other.rows, error.plus(other.error));
    }
  }

  private final TreeMap<Integer, Tally> parts = new TreeMap<>();
  private int partition;

  /** Returns the errors of a block that is in the part of all rows alone. */
  static BlockErrors ofAll(long rows, Loss error) {
    BlockErrors errors = new BlockErrors();
    errors.add(Dealing.ALL, new Tally(rows, error));
    return errors;
  }

  void add(int part, Tally tally) {
    parts.merge(part, tally, Tally::plus);
  }

  /** Returns the errors as those of a partition, which says when they are added to others. */
  BlockErrors of(int number) {
    partition = number;
    return this;
  }

  /** Returns the sum of a block's errors in all partitions, whatever order they come in. */
  static BlockErrors sum(Iterable<BlockErrors> some) {
    List<BlockErrors> sorted = new ArrayList<>();
    some.forEach(sorted::add);
    sorted.sort(Comparator.comparingInt(errors -> errors.partition));
    BlockErrors all = new BlockErrors();
    sorted.forEach(errors -> errors.parts.forEach(all::add));
    return all;
  }

  /** Returns the sums by the numbers of the parts that have rows in the block. */
  SortedMap<Integer, Tally> parts() {
    return parts;
  }
}
