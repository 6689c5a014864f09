// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What holds commands and does nothing itself. */
abstract class CommandGroup implements Runnable {
  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this page.")
  boolean help;

  @Override
  public final void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }
}
