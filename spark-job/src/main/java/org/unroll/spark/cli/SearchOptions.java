// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Sampling;
import org.unroll.rnn.network.Search;
import picocli.CommandLine.Option;

/** The options of how an answer is looked for that is not told step by step. */
@OptionRule.Group(
    value = "Search",
    tasks = {TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
final class SearchOptions {
  @Option(
      names = "--beam",
      paramLabel = "COUNT",
      description =
          "Of recognise, translate, caption and execute: beginnings of an answer that are followed"
              + " side by side; 1 for what is best at each step.")
  @Range(min = 1)
  @OptionRule(tasks = {TaskName.RECOGNISE, TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
  int beam = 1;

  @Option(
      names = "--length-penalty",
      paramLabel = "POWER",
      description =
          "Of translate, caption and execute: scores are divided by ((5 + length) / 6) to this power"
              + " (Wu et al. 2016); 0 not to prefer long answers.")
  @Range
  double lengthPenalty = 0;

  @Option(
      names = "--coverage-penalty",
      paramLabel = "FACTOR",
      description =
          "Of translate, caption and execute: how much answers are preferred that looked at all that"
              + " was read (Wu et al. 2016); 0 for not at all.")
  @Range
  double coveragePenalty = 0;

  @Option(
      names = "--min-answer",
      paramLabel = "TOKENS",
      description = "Of translate, caption and execute: fewest tokens of an answer.")
  @Range
  int minAnswer = 0;

  @Option(
      names = "--max-answer",
      paramLabel = "TOKENS",
      description = "Of translate, caption and execute: where an answer ends at the latest.")
  @Range(min = 1)
  int maxAnswer = Search.LONGEST;

  /** Returns the search that tells the best answer. */
  Search search() {
    return search(1, null);
  }

  /**
   * Returns the search.
   *
   * @param best how many answers are told
   * @param sampling draws tokens instead; null for the most probable
   * @throws InputException if options do not go together
   */
  Search search(int best, Sampling sampling) {
    if (best > beam) {
      throw new InputException(
          "--n-best is %s, but --beam %s follows no more than that: give a larger --beam."
              .formatted(best, beam));
    }
    if (minAnswer > maxAnswer) {
      throw new InputException(
          "--min-answer is %s and --max-answer %s: no answer is as long as the one and as short as the other."
              .formatted(minAnswer, maxAnswer));
    }
    return new Search(beam, best, lengthPenalty, coveragePenalty, minAnswer, maxAnswer, sampling);
  }
}
