// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Lists a command's options under the headings of the classes that declare them. picocli's own
 * groups cannot be used for that: an option given twice, as when the command line overrides a
 * preset, begins its group anew and loses the rest of it.
 */
final class HelpPage {
  private static final String OWN = "";

  private HelpPage() {}

  /** For all commands below this one. */
  static void install(CommandLine group) {
    for (CommandLine command : group.getSubcommands().values()) {
      command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpPage::options);
      install(command);
    }
  }

  private static String options(Help help) {
    Map<String, List<OptionSpec>> sections = new LinkedHashMap<>();
    sections.put(OWN, new ArrayList<>());
    for (OptionSpec option : help.commandSpec().options()) {
      sections.computeIfAbsent(heading(option), h -> new ArrayList<>()).add(option);
    }
    // What all commands share interests last.
    List<OptionSpec> common = sections.remove(BaseCommand.CommonOptions.HEADING);
    if (common != null) {
      sections.put(BaseCommand.CommonOptions.HEADING, common);
    }
    StringBuilder page = new StringBuilder();
    sections.forEach((heading, options) -> append(page, help, heading, options));
    return page.toString();
  }

  private static String heading(OptionSpec option) {
    OptionRule.Group group = OptionRules.group(option);
    return group == null ? OWN : group.value();
  }

  private static void append(
      StringBuilder page, Help help, String heading, List<OptionSpec> options) {
    if (!options.isEmpty()) {
      page.append(heading.isEmpty() ? "%n".formatted() : "%n%s%n".formatted(heading));
      page.append(
          help.optionListExcludingGroups(
              options, help.createDefaultLayout(), null, help.parameterLabelRenderer()));
    }
  }
}
