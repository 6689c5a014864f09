// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.util.Map;
import java.util.TreeMap;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.HistoryPage;
import org.unroll.spark.store.RegistryFolder;

/**
 * The page {@code index.html} of the models of one name: the scores of all versions that are there,
 * and how their data drifted.
 */
public final class RegistryPage {
  private static final String FILE = "index.html";

  private RegistryPage() {}

  /** Writes the page anew, after an event. The caller holds the claim on the folder. */
  public static void write(RegistryFolder registry) {
    byte[] page =
        HistoryPage.of(
            registry.name(),
            registry.show(),
            registry.versions().stream()
                .map(version -> entry(VersionFacts.of(registry, version)))
                .toList(),
            registry.aliases());
    registry.write(FILE, out -> out.write(page));
  }

  private static HistoryPage.Entry entry(VersionFacts facts) {
    Map<String, Object> score = facts.fields("score");
    Object name = score.get("name");
    Map<String, Double> drift = new TreeMap<>();
    if (facts.fields("drift").get("figures") instanceof Map<?, ?> figures) {
      figures.forEach((figure, value) -> drift.put((String) figure, number(value)));
    }
    Map<String, Object> data = facts.fields("data");
    return new HistoryPage.Entry(
        facts.version(),
        facts.time().toString().replaceFirst("T(\\d+:\\d+).*", " $1"),
        facts.outcome(),
        String.valueOf(facts.about().getOrDefault("reason", "")),
        name == null ? null : Figures.name(name.toString()),
        number(score.get("champion")),
        number(score.get("challenger")),
        number(score.get("low")),
        number(score.get("high")),
        data.get("learnt_files") instanceof Number files
            ? Figures.count(files.longValue(), "file")
            : "",
        drift);
  }

  private static Double number(Object value) {
    return value instanceof Number number ? (Double) number.doubleValue() : null;
  }
}
