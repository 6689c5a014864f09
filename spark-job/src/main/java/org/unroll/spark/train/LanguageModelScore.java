// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.LocalRounds;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.PenaltySpec;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.StateMode;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.TextCorpus;
import org.unroll.spark.io.SavedModel;

/**
 * A language model's loss on a text.
 *
 * @param loss over all tokens with a predecessor
 * @param tokens of the text
 */
public record LanguageModelScore(Loss loss, long tokens) {
  /** Steps of a piece: the state is carried, so that the loss does not depend on it. */
  private static final int WINDOW = 64;

  /**
   * Reads the text as a Spark job and scores it in this process.
   *
   * @param batch streams to cut the text into
   * @throws InputException if the text cannot be read, is too short or has tokens that the model
   *     cannot read
   */
  public static LanguageModelScore of(
      SparkSession spark, SavedModel saved, List<String> inputs, int batch) {
    TextCorpus corpus =
        TextCorpus.open(spark, inputs, Tokenizer.of(saved.config().unit(), saved.vocabulary()));
    long count = corpus.tokens();
    if (count < 2 || count > Integer.MAX_VALUE - 8) {
      throw new InputException(
          "The text in "
              + String.join(", ", inputs)
              + " has "
              + count
              + " tokens, but from 2 to 2 billion can be scored at once.");
    }
    int[] tokens = corpus.source(saved.vocabulary(), 0, count).read(0, count);
    try (LocalRounds rounds =
        new LocalRounds(saved.model(), spec(saved, batch), new int[0], tokens, null)) {
      return new LanguageModelScore(rounds.evaluate(Split.VALID, saved.params()), count);
    }
  }

  /** Only the streams, the window and the kind of state matter to an evaluation. */
  private static TrainSpec spec(SavedModel saved, int batch) {
    boolean learned = saved.model().spec().learnedState();
    return new TrainSpec(
        1,
        WINDOW,
        1,
        1,
        0,
        learned ? StateMode.LEARNED : StateMode.CARRY,
        OptimizerSpec.of(OptimizerSpec.Kind.SGD, 1),
        ScheduleSpec.CONSTANT,
        PenaltySpec.NONE,
        InitSpec.PYTORCH,
        0,
        0,
        0,
        batch,
        Wire.FP32);
  }
}
