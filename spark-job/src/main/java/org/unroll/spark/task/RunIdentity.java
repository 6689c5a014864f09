// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.RowHash;

/**
 * A run is identified by what defines its result, by the names of the options: the text, the
 * network and the settings, and neither how the work is spread nor where the model goes. Runs of
 * equal identity leave equal models.
 */
final class RunIdentity {
  private static final String PREFIX = "run.";
  private static final String DATA = "data";
  private static final int ID_CHARACTERS = 16;

  private final Map<String, String> values = new LinkedHashMap<>();

  /**
   * Makes an identity.
   *
   * @param hash of the data
   * @param settings by the names of their options, with underscores
   */
  RunIdentity(String hash, Map<String, Object> settings) {
    values.put(DATA, hash);
    settings.forEach((name, value) -> values.put(name.replace('_', '-'), value.toString()));
  }

  /** Returns the identity of a training. */
  static RunIdentity of(TrainRequest request, TrainingData data) {
    Map<String, Object> settings = Json.fields("task", request.task().name());
    settings.putAll(data.facts().settings());
    request.settings().forEach(settings::putIfAbsent);
    RunIdentity identity = new RunIdentity(data.facts().hash(), settings);
    if (request.embeddings() != null) {
      identity.values.put(EmbeddingStart.NAME, request.embeddings().hash());
    }
    return identity;
  }

  /** Returns the identity for the texts of a checkpoint. */
  Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    values.forEach((name, value) -> texts.put(PREFIX + name, value));
    return texts;
  }

  /** Returns a short name, equal for equal identities. */
  String id() {
    byte[] text = values.toString().getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(RowHash.digest().digest(text)).substring(0, ID_CHARACTERS);
  }

  /**
   * Returns what is different in the run of a checkpoint, as in "--lr is 0.002 there and 0.001
   * here".
   *
   * @param texts of the checkpoint, others among them
   * @return a phrase for every difference
   */
  List<String> differences(Map<String, String> texts) {
    Set<String> names = new LinkedHashSet<>(values.keySet());
    texts.keySet().stream()
        .filter(name -> name.startsWith(PREFIX))
        .map(name -> name.substring(PREFIX.length()))
        .forEach(names::add);
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String here = values.get(name);
      String there = texts.get(PREFIX + name);
      if (here != null && here.equals(there)) {
        continue;
      }
      differences.add(
          name.equals(DATA)
              ? "the data are others"
              : "--" + name + " is " + orUnused(there) + " there and " + orUnused(here) + " here");
    }
    return differences;
  }

  private static String orUnused(String value) {
    return value == null ? "not used" : value;
  }
}
