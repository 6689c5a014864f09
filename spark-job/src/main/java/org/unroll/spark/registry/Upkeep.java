// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.OutputClaim;
import org.unroll.spark.store.RegistryFolder;

/** What keeps a registry in order: old versions are removed, and all that is there is checked. */
public record Upkeep(RegistryFolder folder) {
  /** The kind of an event that removed versions. */
  public static final String PRUNED = "pruned";

  /**
   * Removes versions that are neither among the newest nor young, but never one that an alias has
   * nor the one that the champion can be rolled back to. The journal tells before they go.
   *
   * @param keep how many of the newest stay, whatever their age
   * @param keepDays for how many days a version stays, however many there are
   * @param command what this run is, told to others while it holds the registry
   * @return the versions that were removed
   * @throws InputException if another run writes
   */
  public List<Integer> prune(int keep, int keepDays, Instant now, String command) {
    try (OutputClaim claim = folder.existing().claim(command)) {
      List<Integer> versions = folder.versions();
      Set<Integer> needed = new HashSet<>(folder.aliases().values());
      new Promotions(folder).predecessor().ifPresent(needed::add);
      Instant young = now.minus(Duration.ofDays(keepDays));
      List<Integer> old =
          versions.subList(0, Math.max(0, versions.size() - keep)).stream()
              .filter(version -> !needed.contains(version))
              .filter(version -> VersionFacts.of(folder, version).time().isBefore(young))
              .toList();
      claim.requireMine();
      if (!old.isEmpty()) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("versions", old);
        details.put("keep", keep);
        details.put("keep_days", keepDays);
        folder.append(now, PRUNED, Map.of(), details);
      }
      folder.remove(old);
      RegistryPage.write(folder);
      return old;
    }
  }

  /**
   * Returns what is wrong, a sentence each: versions that cannot be read or have another checksum
   * than they say, aliases without a version, gaps in the journal and damaged events, and files
   * that do not belong there.
   */
  public List<String> verify() {
    List<String> problems = new ArrayList<>(folder.existing().problems());
    List<Integer> versions = folder.versions();
    for (int version : versions) {
      try {
        ModelStore.read(folder.version(version));
        Object told = folder.about(version).get("version");
        if (told != null && !told.equals(version)) {
          problems.add(
              "%s says that it is version %s.".formatted(folder.versionFile(version), told));
        }
      } catch (InputException e) {
        problems.add("Version " + version + ": " + e.getMessage());
      }
    }
    folder
        .aliases()
        .forEach(
            (alias, version) -> {
              if (!versions.contains(version)) {
                problems.add(
                    "The alias %s is version %s, which is not there.".formatted(alias, version));
              }
            });
    return problems;
  }
}
