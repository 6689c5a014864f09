// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Which options a person typed, and which there are. */
final class GivenOptions {
  private GivenOptions() {}

  /** The names of those that were typed, whatever their values. */
  static List<String> names(CommandSpec spec) {
    return spec.commandLine().getParseResult().matchedOptions().stream()
        .filter(option -> !option.originalStringValues().isEmpty() || option.arity().max() == 0)
        .map(OptionSpec::longestName)
        .toList();
  }

  /** The names of all options of some classes. */
  static Set<String> ofTypes(Class<?>... types) {
    return Stream.of(types)
        .flatMap(type -> CommandSpec.forAnnotatedObject(type).options().stream())
        .map(OptionSpec::longestName)
        .collect(Collectors.toSet());
  }
}
