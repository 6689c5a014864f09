// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.unroll.rnn.math.Ops;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Platform;

/** A training's settings in words, for the report, and the versions of what computes. */
public final class Settings {
  private Settings() {}

  /** Adds the versions of what computes. */
  public static void programs(Map<String, Object> provenance) {
    provenance.putAll(Platform.versions());
    provenance.put("kernels", Ops.describeKernels());
  }

  /** What a title calls some inputs. */
  public static String name(List<String> inputs) {
    String first = inputs.get(0).replaceFirst("/+$", "").replaceFirst(".*/", "");
    return inputs.size() == 1 ? first : first + " and " + (inputs.size() - 1) + " more";
  }

  /** Settings as a report shows them: what is set; results are on its page already. */
  public static Map<String, String> words(Map<String, Object> values) {
    Map<String, String> words = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          String word = value instanceof Map ? "" : word(name, value);
          if (!word.isEmpty()) {
            words.put(name.replace('_', ' '), word);
          }
        });
    return words;
  }

  private static String word(String name, Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
    if (value instanceof Double number) {
      return Figures.significant(number);
    }
    boolean counts = value instanceof Number && !name.equals("seed");
    return counts ? Figures.count(((Number) value).longValue()) : value.toString();
  }
}
