// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import org.unroll.spark.cli.Cli;
import org.unroll.spark.report.Terminal;

/** The class that spark-submit starts. */
public final class Main {
  private Main() {}

  /**
   * Runs one command and leaves with its exit code: 0 done, 1 failed while running, 2 wrong usage
   * or bad input.
   */
  public static void main(String[] args) {
    int exitCode = run(Terminal.ofProcess(), args);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** Runs one command on these streams; the exit code. */
  public static int run(Terminal terminal, String... args) {
    return new Cli(terminal).run(args);
  }
}
