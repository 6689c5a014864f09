// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.TrainResult;
import org.unroll.spark.report.RoundFigures;
import org.unroll.spark.store.SavedModel;

/**
 * A language model that was trained.
 *
 * @param saved as it is in its folder
 * @param training its course
 * @param tokens of the text that was learnt
 * @param seconds from the first look at the text to the last file
 * @param memory the most that was needed
 * @param out the folder
 */
public record LanguageModelResult(
    SavedModel saved,
    TrainResult training,
    long tokens,
    double seconds,
    MemoryPeaks memory,
    String out) {

  /** The epoch whose parameters were kept. */
  public EpochMetrics best() {
    return training.epochs().get(training.bestEpoch() - 1);
  }

  private EpochMetrics last() {
    return training.epochs().get(training.epochs().size() - 1);
  }

  /**
   * The figures of a run by name; losses are in nats per token, times of rounds are means of the
   * last epoch.
   */
  public Map<String, Object> figures() {
    Map<String, Object> figures = lossFigures(best().watched());
    if (training.test() != null) {
      figures.put("test_loss", training.test().mean());
      figures.put("test_perplexity", Math.exp(training.test().mean()));
    }
    figures.put("tokens_per_second", training.tokensPerSecond());
    figures.put("rounds", training.rounds());
    figures.put("epochs", training.epochs().size());
    figures.put("best_epoch", training.bestEpoch());
    figures.put("ended_by", training.ending().name().toLowerCase(Locale.ROOT));
    figures.put("parameters", saved.params().length);
    figures.put("vocabulary", saved.vocabulary().size());
    figures.put("tokens", tokens);
    Object embeddings = saved.config().provenance().get(EmbeddingStart.NAME);
    if (embeddings != null) {
      figures.put(EmbeddingStart.NAME, embeddings);
    }
    figures.put("seconds", seconds);
    figures.putAll(memory.figures());
    figures.putAll(RoundFigures.of(last().times()));
    figures.put("model", out);
    return figures;
  }

  /** A loss as {@code loss}, {@code perplexity} and {@code bits_per_token}. */
  public static Map<String, Object> lossFigures(Loss loss) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("loss", loss.mean());
    figures.put("perplexity", Math.exp(loss.mean()));
    figures.put("bits_per_token", loss.mean() / Math.log(2));
    return figures;
  }
}
