// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a measurement was taken on. */
public final class Machine {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final String MODEL = "model name";

  private Machine() {}

  /** Its processor, as far as the operating system tells, and its cores. */
  public static String describe() {
    int cores = Runtime.getRuntime().availableProcessors();
    return processor() + ", " + cores + (cores == 1 ? " core" : " cores");
  }

  private static String processor() {
    List<String> lines;
    try {
      lines = Files.readAllLines(PROCESSORS, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      lines = List.of(); // not Linux
    }
    return lines.stream()
        .filter(line -> line.startsWith(MODEL))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }
}
