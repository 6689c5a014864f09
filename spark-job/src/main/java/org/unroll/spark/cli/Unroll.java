// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.report.Platform;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** The root of all commands. */
@Command(
    name = "unroll",
    description = "Recurrent networks, trained on Apache Spark.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Unroll.VersionLine.class,
    footer = {
      "",
      "unroll COMMAND --help lists the options of a command. @conf/ptb-small.args takes options from"
          + " a preset file; options behind it win, over their own values and over all that they"
          + " do not go with."
    })
final class Unroll extends CommandGroup {
  @Option(names = "--version", versionHelp = true, description = "Print the versions at work.")
  boolean version;

  /** What {@code --version} prints. */
  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Platform.versionLine()};
    }
  }
}
