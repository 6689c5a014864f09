// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;
import org.unroll.spark.report.Figures;
import org.unroll.spark.store.RegistryFolder;

/**
 * What a version's {@code version.json} tells, whatever of it is there.
 *
 * @param time when the version came to be
 * @param about the fields of the file
 */
public record VersionFacts(int version, Instant time, Map<String, Object> about) {
  /** The details of events that are numbers of versions. */
  private static final Set<String> NAMING_VERSIONS =
      Set.of("version", "versions", "from", "to", "parent", "champion", "challenger");

  /** Returns what there is to know; a file that cannot be read says so itself. */
  public static VersionFacts of(RegistryFolder folder, int version) {
    Map<String, Object> about;
    try {
      about = folder.about(version);
    } catch (InputException e) {
      about = Map.of("outcome", "unreadable", "reason", e.getMessage());
    }
    return new VersionFacts(version, time(folder, version, about), about);
  }

  private static Instant time(RegistryFolder folder, int version, Map<String, Object> about) {
    try {
      return Instant.parse(String.valueOf(about.get("time")));
    } catch (DateTimeException e) {
      return folder.since(version);
    }
  }

  /** Returns what came of the training that made the version; a dash if it does not say. */
  public String outcome() {
    return about.get("outcome") instanceof String outcome ? outcome : "-";
  }

  /** Returns the fields below a field, by name; none if there are none. */
  public Map<String, Object> fields(String name) {
    return StrictJson.fields(about.get(name));
  }

  /** Returns the score by which the version was judged, in words; empty if it does not say. */
  public String score() {
    Map<String, Object> score = fields("score");
    if (!(score.get("challenger") instanceof Number own)) {
      return "";
    }
    String name = score.get("name") instanceof String told ? Figures.name(told) + " " : "";
    String text = name + Figures.fine(own.doubleValue());
    if (score.get("champion") instanceof Number champion) {
      text += ", champion " + Figures.fine(champion.doubleValue());
    }
    if (score.get("difference") instanceof Number difference) {
      text += ", difference " + Figures.fine(difference.doubleValue());
    }
    if (score.get("low") instanceof Number low && score.get("high") instanceof Number high) {
      text +=
          " (%s to %s)"
              .formatted(Figures.fine(low.doubleValue()), Figures.fine(high.doubleValue()));
    }
    return text;
  }

  /** Returns all fields but the number, those below others with their path: {@code score.name}. */
  public Map<String, Object> flat() {
    Map<String, Object> flat = new LinkedHashMap<>();
    flatten("", about, flat);
    flat.remove("version");
    return flat;
  }

  private static void flatten(String path, Map<?, ?> fields, Map<String, Object> flat) {
    fields.forEach(
        (name, value) -> {
          if (value instanceof Map<?, ?> below) {
            flatten(path + name + ".", below, flat);
          } else {
            flat.put(path + name, value);
          }
        });
  }

  /**
   * Returns what differs between two versions below a field: both values by name, null where a
   * version has none.
   */
  public static Map<String, List<Object>> differences(
      VersionFacts a, VersionFacts b, String field) {
    Map<String, Object> of = new LinkedHashMap<>();
    Map<String, Object> other = new LinkedHashMap<>();
    flatten("", a.fields(field), of);
    flatten("", b.fields(field), other);
    Set<String> names = new TreeSet<>(of.keySet());
    names.addAll(other.keySet());
    Map<String, List<Object>> differences = new LinkedHashMap<>();
    for (String name : names) {
      if (!Objects.equals(of.get(name), other.get(name))) {
        differences.put(name, Arrays.asList(of.get(name), other.get(name)));
      }
    }
    return differences;
  }

  /**
   * Returns whether an event is about the version: moves an alias to or from it, or tells of it.
   */
  public boolean isIn(RegistryFolder.Event event) {
    return event.moves().containsValue(version)
        || event.details().entrySet().stream()
            .filter(detail -> NAMING_VERSIONS.contains(detail.getKey()))
            .anyMatch(
                detail ->
                    Objects.equals(detail.getValue(), version)
                        || detail.getValue() instanceof List<?> list && list.contains(version));
  }
}
