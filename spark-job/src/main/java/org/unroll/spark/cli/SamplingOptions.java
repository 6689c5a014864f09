// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Sampling;
import picocli.CommandLine.Option;

/** The options of how the tokens of a text are drawn. */
@OptionRule.Group(
    value = "Drawing",
    tasks = {TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
final class SamplingOptions {
  @Option(
      names = "--temperature",
      paramLabel = "VALUE",
      description =
          "1 as the model has learnt, less for the probable, 0 always the most probable token"
              + " (default: 0.8 of generate; predict takes the best answer unless it is told this).")
  @Range
  Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "TOKENS",
      description = "Draw among this many most probable ones, 0 for all.")
  @Range
  int topK = 0;

  @Option(
      names = "--top-p",
      paramLabel = "PROBABILITY",
      description = "Draw among the fewest tokens that have it together.")
  @Range(above = true, max = 1)
  double topP = 1;

  /**
   * Returns how tokens are drawn.
   *
   * @param usual the temperature where none was told
   */
  Sampling sampling(double usual, long seed) {
    return new Sampling(temperature == null ? usual : temperature, topK, topP, seed);
  }

  /**
   * Returns how tokens are drawn, or null if they are not to be drawn.
   *
   * @param beam hypotheses that are followed
   * @throws InputException if options do not go together
   */
  Sampling samplingOrNull(int beam, long seed) {
    boolean few = topK > 0 || topP < 1;
    if (temperature == null && few) {
      throw new InputException(
          "%s says among which tokens one is drawn, but --temperature is missing: give it, 1 for the probabilities of the model."
              .formatted(topK > 0 ? "--top-k" : "--top-p"));
    }
    if (temperature != null && beam > 1) {
      throw new InputException(
          "--temperature draws each token, but --beam %s looks for the best answer: leave one of them out."
              .formatted(beam));
    }
    return temperature == null ? null : sampling(temperature, seed);
  }
}
