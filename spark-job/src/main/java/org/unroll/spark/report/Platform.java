// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.package$;

/** The machine and the programs that a figure or a model comes from, in words. */
public final class Platform {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final String MODEL = "model name";

  private Platform() {}

  /** Returns the processor, as far as the operating system tells, and the number of cores. */
  public static String machine() {
    return processor() + ", " + Figures.count(Runtime.getRuntime().availableProcessors(), "core");
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

  /**
   * Returns the versions of this program, by its jar, of Spark and of Java, for a model's origin.
   */
  public static Map<String, String> versions() {
    String version = Platform.class.getPackage().getImplementationVersion();
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("unroll", version == null ? "development" : version);
    versions.put("spark", package$.MODULE$.SPARK_VERSION());
    versions.put("java", Runtime.version() + " (" + System.getProperty("java.vm.name") + ")");
    return versions;
  }

  /** Returns all versions in one line. */
  public static String versionLine() {
    Map<String, String> versions = versions();
    return "unroll %s, Spark %s, Java %s"
        .formatted(versions.get("unroll"), versions.get("spark"), versions.get("java"));
  }
}
