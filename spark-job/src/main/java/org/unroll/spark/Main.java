// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import org.unroll.spark.cli.Cli;
import org.unroll.spark.cli.Stop;
import org.unroll.spark.report.Terminal;

/** The class that spark-submit starts. */
public final class Main {
  private Main() {}

  /**
   * Runs one command and leaves with its exit code: 0 done, 1 failed while running, 2 wrong usage
   * or bad input; 130 and 143 stopped by SIGINT and SIGTERM.
   */
  public static void main(String[] args) {
    Terminal terminal = Terminal.ofProcess();
    int exitCode = Stop.unlessStopped(terminal, () -> run(terminal, args));
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** Runs one command on these streams; the exit code. */
  public static int run(Terminal terminal, String... args) {
    return new Cli(terminal).run(args);
  }
}
