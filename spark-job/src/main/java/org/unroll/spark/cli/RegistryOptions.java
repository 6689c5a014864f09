// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.RegistryFolder;
import picocli.CommandLine.Option;

/** The options that name a model of a registry. */
@OptionRule.Group(value = "Registry", settings = false)
final class RegistryOptions {
  @Option(
      names = "--registry",
      paramLabel = "DIR",
      description =
          "Folder of the registry, on any Hadoop file system; retrain makes it where it is not there.")
  String registry;

  @Option(names = "--name", paramLabel = "NAME", description = "The model's name there.")
  String name;

  /**
   * Returns the place of the model's versions, which need not be there.
   *
   * @throws InputException if an option is missing, or there can be no such name
   */
  RegistryFolder folder() {
    OptionRules.require(
        registry, "--registry is missing: name the folder, as in --registry work/models.");
    OptionRules.require(name, "--name is missing: name the model, as in --name reviews.");
    return RegistryFolder.at(registry, name);
  }
}
