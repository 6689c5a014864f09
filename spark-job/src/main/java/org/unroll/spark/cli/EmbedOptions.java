// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.embed.SkipGramSpec;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.embed.EmbedJob;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rounds.SumKind;
import picocli.CommandLine.Option;

/** The options of which text gets word vectors, and of how they are learnt. */
final class EmbedOptions {
  @Option(
      names = "--input",
      paramLabel = "PATH",
      description =
          "Text of words between blanks, or a table with a column of it"
              + RowOptions.FILES
              + ". Or text in a folder that prepare wrote as a stream, with its tokens and its"
              + " vocabulary. No context crosses the end of a line; a corpus of --unit char or"
              + " bpe has none, nor other borders.")
  @OptionRule(setting = false)
  List<String> input = new ArrayList<>();

  @Option(
      names = "--vocab-size",
      paramLabel = "WORDS",
      description =
          "Keep the most frequent ones; 0 for all (default: 0, or that of a prepared corpus).")
  @Range
  Integer vocabularySize;

  @Option(
      names = "--min-count",
      paramLabel = "TIMES",
      description = "Leave out words seen less often (default: 5, or that of a prepared corpus).")
  @Range(min = 1)
  Long minCount;

  @Option(
      names = {"--embedding", "--size"},
      paramLabel = "WIDTH",
      description = "Numbers of a vector.")
  @Range(min = 1)
  int size = 100;

  @Option(
      names = "--window",
      paramLabel = "WORDS",
      description = "How far away a context word may be.")
  @Range(min = 1, max = 1000)
  int window = 5;

  @Option(names = "--epochs", description = "Passes over the text.")
  @Range(min = 1)
  int epochs = 15;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description =
          "Learning rate at first; it falls linearly (default: 0.035 for skipgram, 0.025 for mllib).")
  @Range(above = true)
  Double lr;

  @Option(
      names = "--negative",
      paramLabel = "WORDS",
      description = "Of skipgram: noise words that a context word is set against.")
  @Range(min = 1, max = 1000)
  @OptionRule(needs = "--method=skipgram")
  int negative = 5;

  @Option(
      names = "--subsample",
      paramLabel = "FREQUENCY",
      description =
          "Of skipgram: more frequent words are left out at random, 0 to keep all; large texts"
              + " need fewer of them, as 1e-4.")
  @Range(max = 1)
  @OptionRule(needs = "--method=skipgram")
  double subsample = 0.01;

  @Option(
      names = "--batch",
      paramLabel = "WORDS",
      description =
          "Of skipgram: text between two updates, over all shards together; less learns faster by"
              + " the word, more by the second on many workers.")
  @Range(min = 1)
  @OptionRule(needs = "--method=skipgram")
  int batch = 8192;

  @Option(
      names = "--shards",
      paramLabel = "SLICES",
      description = "Of skipgram: fixed slices of the text, the most workers that can share it.")
  @Range(min = 1)
  @OptionRule(needs = "--method=skipgram")
  int shards = 8;

  @Option(
      names = "--rounds",
      paramLabel = "KIND",
      description =
          "Of skipgram: resident (workers stay for the whole run) or job (a Spark job a round).")
  @OptionRule(setting = false)
  RoundsKind rounds = RoundsKind.RESIDENT;

  @Option(
      names = "--sum",
      paramLabel = "PLACE",
      description =
          "Of skipgram: where sums of resident rounds are added, driver, shared or auto, as in train.")
  @OptionRule(needs = "--method=skipgram", setting = false)
  SumKind sum = SumKind.AUTO;

  @Option(
      names = "--wire",
      paramLabel = "FORMAT",
      description = "Of skipgram: how gradients and vectors travel, fp32 or bf16.")
  @OptionRule(needs = "--method=skipgram")
  Wire wire = Wire.FP32;

  /**
   * Returns what is asked for.
   *
   * @throws InputException if there is no input
   */
  EmbedJob.Request request(EmbedJob.Method method, RowOptions rows, int workers, long seed) {
    OptionRules.require(
        input, "--input is missing: name the text to learn from, as in --input corpus.txt.");
    double rate = lr == null ? method.usualRate() : lr;
    SkipGramSpec spec =
        new SkipGramSpec(
            size, window, negative, subsample, epochs, batch, rate, shards, seed, wire);
    return new EmbedJob.Request(
        rows.input(input),
        rows.choice(),
        vocabularySize,
        minCount,
        method,
        spec,
        rounds,
        sum,
        workers);
  }
}
