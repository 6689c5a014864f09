// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.unroll.rnn.io.InputException;

/**
 * The same program run in another way, to be compared with the usual one.
 *
 * @param name as it was asked for
 * @param javaHome of the JDK
 * @param jvmOptions that make the difference
 */
public record Variant(String name, Path javaHome, List<String> jvmOptions) {
  private static final String JDK = "jdk=";

  /** This process's own Java and the best kernels. */
  static final Variant USUAL = new Variant("ours", ownJava(), List.of());

  private static Path ownJava() {
    return Path.of(System.getProperty("java.home"));
  }

  /**
   * Reads {@code avx2} (half as wide vectors, on x86), {@code scalar} (no vectors) or {@code
   * jdk=PATH} (another JDK).
   *
   * @throws InputException if it is none of them, or if there is no JDK at the path
   */
  public static Variant parse(String text) {
    if (text.equals("avx2")) {
      return new Variant(text, ownJava(), List.of("-XX:UseAVX=2"));
    }
    if (text.equals("scalar")) {
      return new Variant(text, ownJava(), List.of("-Dunroll.kernels=scalar"));
    }
    if (!text.startsWith(JDK)) {
      throw new InputException(
          "--compare '" + text + "' is none of avx2, scalar and jdk=PATH (another JDK's folder).");
    }
    Path home = Path.of(text.substring(JDK.length()));
    if (!Files.isExecutable(java(home))) {
      throw new InputException(
          "--compare "
              + text
              + ": there is no bin/java in that folder. Name the folder that JAVA_HOME would name.");
    }
    return new Variant(text, home, List.of());
  }

  private static Path java(Path home) {
    return home.resolve("bin").resolve("java");
  }

  Path java() {
    return java(javaHome);
  }
}
