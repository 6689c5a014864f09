// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A help page lists a command's options under the headings of the classes that declare them, each
 * with its default. picocli's own groups cannot be used for that: an option given twice, as when
 * the command line overrides a preset, begins its group anew and loses the rest of it.
 */
final class HelpPage {
  private static final String OWN = "";
  private static final Pattern DEFAULT = Pattern.compile("\\(default: [^()]*\\)");

  private HelpPage() {}

  /** Returns the options of a command, as its page has them. */
  static String options(Help help) {
    BaseCommand command = (BaseCommand) help.commandSpec().userObject();
    Map<String, String> own = command.ownDefaults();
    Map<String, List<OptionSpec>> sections = new LinkedHashMap<>();
    sections.put(OWN, new ArrayList<>());
    for (OptionSpec option : help.commandSpec().options()) {
      OptionRule.Group group = OptionRules.group(option);
      sections
          .computeIfAbsent(group == null ? OWN : group.value(), h -> new ArrayList<>())
          .add(withDefault(option, own.get(option.longestName())));
    }
    // What all commands share interests last.
    List<OptionSpec> common = sections.remove(BaseCommand.OPTIONS);
    sections.put(BaseCommand.OPTIONS, common);
    sections.values().removeIf(List::isEmpty);
    StringBuilder page = new StringBuilder();
    sections.forEach(
        (heading, options) ->
            page.append(heading.isEmpty() ? "%n".formatted() : "%n%s%n".formatted(heading))
                .append(
                    help.optionListExcludingGroups(
                        options, help.createDefaultLayout(), null, help.parameterLabelRenderer())));
    return page.toString();
  }

  /** Returns an option whose value is called by the last word of its name, unless it is named. */
  static OptionSpec withLabel(OptionSpec option) {
    String name = option.longestName();
    String label = name.substring(name.lastIndexOf('-') + 1).toUpperCase(Locale.ROOT);
    return option.paramLabel().startsWith("<")
        ? option.toBuilder().paramLabel(label).build()
        : option;
  }

  /**
   * Returns an option whose description ends with its default, unless that says it in words.
   *
   * @param own the default that this command has for itself; null for the option's
   */
  static OptionSpec withDefault(OptionSpec option, String own) {
    String[] lines = option.description().clone();
    int last = lines.length - 1;
    String usual = own == null ? OptionRules.usual(option) : own;
    Matcher said = DEFAULT.matcher(lines[last]);
    boolean isSaid = said.find();
    if (usual.isEmpty() || own == null && (isSaid || option.arity().max() == 0)) {
      return option;
    }
    String text = "(default: " + usual + ")";
    lines[last] =
        isSaid
            ? said.replaceFirst(Matcher.quoteReplacement(text))
            : lines[last].replaceFirst("[.]?$", Matcher.quoteReplacement(" " + text + "."));
    return option.toBuilder().description(lines).build();
  }
}
