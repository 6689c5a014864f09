// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.AccumulatorV2;

/** The largest of the numbers that tasks add; 0 where there is none. */
final class LargestAccumulator extends AccumulatorV2<Long, Long> {
  private static final long serialVersionUID = 1L;

  private long largest;

  /** One that tasks of this Spark can add to. */
  static LargestAccumulator register(JavaSparkContext spark) {
    LargestAccumulator accumulator = new LargestAccumulator();
    spark.sc().register(accumulator);
    return accumulator;
  }

  @Override
  public boolean isZero() {
    return largest == 0;
  }

  @Override
  public LargestAccumulator copy() {
    LargestAccumulator copy = new LargestAccumulator();
    copy.largest = largest;
    return copy;
  }

  @Override
  public void reset() {
    largest = 0;
  }

  @Override
  public void add(Long number) {
    largest = Math.max(largest, number);
  }

  @Override
  public void merge(AccumulatorV2<Long, Long> other) {
    add(other.value());
  }

  @Override
  public Long value() {
    return largest;
  }
}
