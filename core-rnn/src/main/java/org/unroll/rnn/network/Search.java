// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import org.unroll.rnn.math.Checks;

/**
 * A search says how the most probable answer is looked for: a decoder's sequence of tokens, or, by
 * {@code beam} alone, labels that are not aligned.
 *
 * <p>Of a sequence Y of {@code |Y|} tokens, the end among them, about S outputs of the encoder, the
 * score is (Wu et al. 2016)
 *
 * <pre>
 *   log P(Y) / ((5 + |Y|) / 6)^length  +  coverage  sum over s of log(min(sum over t of a_ts, 1))
 * </pre>
 *
 * @param beam hypotheses that are followed side by side; 1 for the most probable token each time
 * @param best how many sequences are told, at most {@code beam}
 * @param length the length penalty; 0 for probabilities alone
 * @param coverage the coverage penalty; 0 for none
 * @param minLength fewest tokens of a sequence, without its end
 * @param maxLength most tokens of a sequence, without its end
 * @param sampling draws the tokens instead, for a beam of 1; null for the most probable
 */
public record Search(
    int beam,
    int best,
    double length,
    double coverage,
    int minLength,
    int maxLength,
    Sampling sampling)
    implements Serializable {
  /** The most tokens of a sequence where nobody says otherwise. */
  public static final int LONGEST = 200;

  /** The search that always takes the most probable. */
  public static final Search GREEDY = ofBeam(1);

  public Search {
    Checks.positive("beam", beam);
    Checks.positive("n-best", best);
    Checks.notNegative("length penalty", length);
    Checks.notNegative("coverage penalty", coverage);
    Checks.notNegative("min-length", minLength);
    Checks.positive("max-length", maxLength);
    if (best > beam) {
      throw new IllegalArgumentException(
          "the %s best are asked for, but a beam of %s finds no more than that"
              .formatted(best, beam));
    }
    if (minLength > maxLength) {
      throw new IllegalArgumentException(
          "min-length %s is more than max-length %s".formatted(minLength, maxLength));
    }
    if (sampling != null && beam > 1) {
      throw new IllegalArgumentException("tokens are drawn for a beam of 1, not of " + beam);
    }
  }

  /** Returns the search that follows so many hypotheses without penalties. */
  public static Search ofBeam(int beam) {
    return ofBeam(beam, 1);
  }

  /** Returns the search that follows so many hypotheses without penalties, and tells the best. */
  public static Search ofBeam(int beam, int best) {
    return new Search(beam, best, 0, 0, 0, LONGEST, null);
  }
}
