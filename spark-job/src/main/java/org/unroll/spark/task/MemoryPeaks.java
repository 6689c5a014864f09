// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.spark.report.Figures;

/**
 * The most memory that the processes of a run have needed, in bytes.
 *
 * @param driver of the driver
 * @param worker of the worker's process that needed most: the driver's own where workers are in it,
 *     and 0 where it is not known
 */
public record MemoryPeaks(long driver, long worker) {
  /** As the figures of a run have them. */
  public Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("peak_memory_bytes", driver);
    if (worker > 0) {
      figures.put("worker_peak_memory_bytes", worker);
    }
    return figures;
  }

  /** Such as {@code 412 MB in the driver, 1.1 GB in the largest worker process}. */
  public String describe() {
    String own = Figures.bytes(driver);
    if (worker == driver) {
      return own;
    }
    String largest =
        worker == 0 ? "" : ", " + Figures.bytes(worker) + " in the largest worker process";
    return own + " in the driver" + largest;
  }
}
