// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.HistoryPage;
import org.unroll.spark.report.MetricsLog;
import org.unroll.spark.report.Page;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.RegistryFolder;

/**
 * Pages about a registry: {@code index.html} of the models of one name, with the scores of all
 * versions that are there and how their data drifted, and a page with several names beside each
 * other.
 */
public final class RegistryPage {
  private static final String FILE = "index.html";

  private RegistryPage() {}

  /** Writes the page anew, after an event. The caller holds the claim on the folder. */
  public static void write(RegistryFolder registry) {
    Page page =
        HistoryPage.of(
            registry.name(),
            registry.show(),
            registry.versions().stream()
                .map(version -> entry(VersionFacts.of(registry, version)))
                .toList(),
            registry.aliases());
    registry.write(FILE, out -> out.write(page.html()));
  }

  /**
   * Returns a page that has models of several names beside each other, day by day.
   *
   * @throws InputException if one has no version that was judged, or they are not all judged by the
   *     same measure
   */
  public static Page beside(String place, List<RegistryFolder> registries) {
    Map<String, String> measures = new LinkedHashMap<>();
    List<HistoryPage.Course> courses = new ArrayList<>();
    for (RegistryFolder registry : registries) {
      Map<String, Double> scores = new TreeMap<>();
      Map<String, Double> seconds = new TreeMap<>();
      for (int version : registry.versions()) {
        VersionFacts facts = VersionFacts.of(registry, version);
        Map<String, Object> score = facts.fields("score");
        boolean promoted = facts.outcome().equals(RetrainJob.End.PROMOTED.word());
        Double inUse = number(score.get(promoted ? "challenger" : "champion"));
        if (inUse != null && score.get("name") instanceof String measure) {
          measures.put(registry.name(), measure);
          String day = LocalDate.ofInstant(facts.time(), ZoneOffset.UTC).toString();
          scores.put(day, inUse);
          seconds.merge(day, trained(registry.version(version), measure), Double::sum);
        }
      }
      if (scores.isEmpty()) {
        throw new InputException(registry.show() + " has no version that was judged.");
      }
      courses.add(new HistoryPage.Course(registry.name(), scores, seconds));
    }
    if (measures.values().stream().distinct().count() > 1) {
      throw new InputException("Their scores cannot be compared: " + measures + ".");
    }
    String measure = measures.values().iterator().next();
    return HistoryPage.of(place, Figures.name(measure), courses);
  }

  /** Returns the seconds of all training rounds of a model. */
  private static double trained(String folder, String measure) {
    return ModelStore.metrics(folder, (in, source) -> MetricsLog.read(in, source, measure)).stream()
        .mapToDouble(MetricsLog.Epoch::seconds)
        .sum();
  }

  private static HistoryPage.Entry entry(VersionFacts facts) {
    Map<String, Object> score = facts.fields("score");
    Object name = score.get("name");
    Map<String, Double> drift = new TreeMap<>();
    StrictJson.fields(facts.fields("drift").get("figures"))
        .forEach((figure, value) -> drift.put(figure, number(value)));
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
