// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The most memory that this process has needed at a time so far. */
public final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Pattern HIGH_WATER_MARK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
  private static final int KILOBYTE = 1024;

  private PeakMemory() {}

  /**
   * Returns the most memory in bytes: what the system counts as resident; where it does not tell,
   * the peaks of the virtual machine's areas, with the buffers beside them.
   */
  public static long bytes() {
    try {
      return highWaterMark(Files.readAllLines(STATUS)).orElseGet(PeakMemory::ofMachine);
    } catch (IOException e) {
      return ofMachine();
    }
  }

  /** Finds the peak in the lines of Linux' status file of a process. */
  static OptionalLong highWaterMark(List<String> status) {
    return status.stream()
        .map(HIGH_WATER_MARK::matcher)
        .filter(Matcher::matches)
        .mapToLong(line -> Long.parseLong(line.group(1)) * KILOBYTE)
        .findFirst();
  }

  /** Returns what the virtual machine knows of itself; its code and threads are not part of it. */
  static long ofMachine() {
    long areas =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .mapToLong(pool -> pool.getPeakUsage().getUsed())
            .sum();
    long buffers =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return areas + buffers;
  }
}
