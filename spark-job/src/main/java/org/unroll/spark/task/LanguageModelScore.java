// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.data.TokenRun;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.PenaltySpec;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.Shard;
import org.unroll.rnn.train.ShardWorker;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.PreparedCorpus;
import org.unroll.spark.corpus.StreamCorpus;
import org.unroll.spark.corpus.TextCorpus;
import org.unroll.spark.corpus.TokenCorpus;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.store.SavedModel;

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
   * Reads the text as a Spark job, or a prepared corpus as it is needed, and scores it in this
   * process.
   *
   * @param batch streams to cut the text into
   * @throws InputException if the text cannot be read, is too short or has tokens that the model
   *     cannot read
   */
  public static LanguageModelScore of(
      SparkSession spark, SavedModel saved, List<String> inputs, int batch) {
    TokenSource source = source(spark, saved, inputs);
    TrainSpec spec = spec(saved, batch);
    StreamPlan plan = spec.plan(Split.VALID, source.tokens());
    TokenRun tokens = source.open(0, source.tokens(), ModelWork.pieceTokens(batch));
    Shard shard = new Shard(0, null, new StreamBatcher(plan, 0, tokens), null);
    ShardWorker worker = new ShardWorker(saved.model(), spec, plan.maxRows(), 1);
    worker.setParams(saved.params());
    return new LanguageModelScore(worker.evaluate(shard, Split.VALID), source.tokens());
  }

  /** All tokens of a text, which has to fit into memory, or of a prepared corpus. */
  private static TokenSource source(SparkSession spark, SavedModel saved, List<String> inputs) {
    String unit = saved.config().unit();
    PreparedCorpus prepared =
        TextSplits.preparedOrNull(inputs, spark.sparkContext().hadoopConfiguration());
    TokenCorpus corpus;
    if (prepared == null) {
      corpus = TextCorpus.open(spark, inputs, Tokenizer.of(unit, saved.vocabulary()));
    } else {
      prepared.requireSame(unit, saved.vocabulary(), "that of the model");
      corpus = new StreamCorpus(spark, prepared);
    }
    long count = corpus.tokens();
    if (count < 2 || prepared == null && count > Integer.MAX_VALUE - 8) {
      throw new InputException(
          "The text in "
              + String.join(", ", inputs)
              + " has "
              + count
              + " tokens, but from 2 to 2 billion can be scored at once"
              + (count < 2 ? "." : ": score it in parts, or prepare it."));
    }
    return corpus.source(saved.vocabulary(), 0, count);
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
        Wire.FP32,
        0);
  }
}
