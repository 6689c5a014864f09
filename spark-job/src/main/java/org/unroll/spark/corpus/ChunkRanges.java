// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.unroll.spark.rows.ChunkTable;

/** Chunks as the work of Spark's tasks. */
public final class ChunkRanges {
  private ChunkRanges() {}

  /** Ranges of chunks, one for each task; a task of nothing if there are no chunks. */
  public static JavaRDD<int[]> of(JavaSparkContext spark, ChunkTable table) {
    int[] starts = table.tasks();
    List<int[]> ranges = new ArrayList<>();
    for (int i = 0; i + 1 < starts.length; i++) {
      ranges.add(new int[] {starts[i], starts[i + 1]});
    }
    return spark.parallelize(ranges, Math.max(1, ranges.size()));
  }
}
