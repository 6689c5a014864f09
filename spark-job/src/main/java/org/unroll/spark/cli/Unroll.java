// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.ops.Versions;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of all commands. */
@Command(
    name = "unroll",
    description = "Recurrent networks, trained on Apache Spark.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Unroll.VersionLine.class,
    footer = {
      "",
      "unroll COMMAND --help lists the options of a command. @conf/ptb-small.args takes options from"
          + " a preset file; options behind it win."
    })
final class Unroll implements Runnable {
  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this page.")
  boolean help;

  @Option(names = "--version", versionHelp = true, description = "Print the versions at work.")
  boolean version;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }

  /** What {@code --version} prints. */
  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Versions.line()};
    }
  }
}
