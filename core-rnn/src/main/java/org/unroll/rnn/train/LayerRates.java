// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/**
 * The rates of a network's parts beside the one of a training: discriminative fine-tuning and
 * gradual unfreezing (Howard and Ruder 2018, "Universal Language Model Fine-tuning for Text
 * Classification"). The parts are, from the bottom to the top, {@code embedding}, the encoder's
 * layers {@code rnn.0}, {@code rnn.1} and so on, {@code target} (all that writes), and {@code
 * head}.
 *
 * @param falling what the rate of a part is multiplied with for the part below it; 1 for the same
 * @param factors what the rate is multiplied with by part, 0 for a part that stays as it starts;
 *     parts that are not here learn at the whole rate
 * @param unfreezeEvery epochs after which the next part from the top begins to learn; 0 for all of
 *     them from the beginning
 */
public record LayerRates(double falling, Map<String, Double> factors, int unfreezeEvery)
    implements Serializable {
  /** The same rate for all parts, from the beginning. */
  public static final LayerRates EQUAL = new LayerRates(1, Map.of(), 0);

  private static final Pattern LAYER = Pattern.compile("rnn\\..*_l(\\d+).*");
  private static final String WRITING = "target";

  public LayerRates {
    Checks.positive("the factor from part to part", falling);
    factors = Map.copyOf(factors);
    factors.forEach((part, factor) -> Checks.notNegative("the rate of " + part, factor));
    Checks.notNegative("unfreeze-every", unfreezeEvery);
  }

  /**
   * A part of a network with its rate.
   *
   * @param name as {@link LayerRates} has it
   * @param factor what the rate of the training is multiplied with
   * @param epoch the first one, from 0, in which it learns
   */
  record Part(String name, double factor, int epoch) {
    /** Returns whether the part stays as it is in an epoch. */
    boolean isFrozen(int inEpoch) {
      return factor == 0 || inEpoch < epoch;
    }
  }

  /** Returns the names of a network's parts, from the bottom to the top. */
  public static List<String> names(ParamLayout layout) {
    boolean writes = writes(layout);
    Set<String> names = new LinkedHashSet<>();
    layout.params().forEach(param -> names.add(part(param, writes)));
    return List.copyOf(names);
  }

  /** Returns the parts of a network, from the bottom to the top. */
  List<Part> parts(ParamLayout layout) {
    List<String> names = names(layout);
    List<Part> parts = new ArrayList<>();
    for (String name : names) {
      int above = names.size() - 1 - parts.size();
      double factor = StrictMath.pow(falling, above) * factors.getOrDefault(name, 1.0);
      parts.add(new Part(name, factor, above * unfreezeEvery));
    }
    return parts;
  }

  /** Returns for every parameter of a layout which of {@link #parts} it belongs to. */
  static int[] partOfParams(ParamLayout layout) {
    boolean writes = writes(layout);
    List<String> names = names(layout);
    return layout.params().stream().mapToInt(p -> names.indexOf(part(p, writes))).toArray();
  }

  private static boolean writes(ParamLayout layout) {
    return layout.params().stream().anyMatch(param -> param.name().startsWith("target_rnn."));
  }

  private static String part(Param param, boolean writes) {
    String name = param.name();
    Matcher layer = LAYER.matcher(name);
    if (name.startsWith("embedding") || name.startsWith("words.")) {
      return "embedding";
    }
    if (name.startsWith("rnn.")) {
      return "rnn." + (layer.matches() ? Integer.parseInt(layer.group(1)) : 0);
    }
    boolean ofWriting =
        name.startsWith(WRITING)
            || name.startsWith("bridge.")
            || writes && name.startsWith("attention.");
    return ofWriting ? WRITING : "head";
  }
}
