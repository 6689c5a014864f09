// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;
import org.unroll.spark.report.EmbeddingsPage;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Page;
import org.unroll.spark.report.Report;
import org.unroll.spark.report.SurprisesPage;
import org.unroll.spark.task.TaskModel;

/**
 * What surprised a language model: the loss of every token of one text, which is the negative
 * logarithm of the probability that the model gave it.
 *
 * @param model as people call it
 * @param tokens of the text that have a probability, as the vocabulary calls them
 * @param losses of the tokens, in nats
 */
public record Surprises(String model, List<String> tokens, float[] losses) {
  /** The share of the tokens whose loss is below that of the full colour. */
  private static final double SHADED = 0.99;

  /** The tokens that are shown before a surprise. */
  private static final int CONTEXT = 24;

  /**
   * Reads a text with a language model.
   *
   * @param name of the model, for people
   * @throws InputException if the model reads nothing of the text
   */
  public static Surprises of(String name, TaskModel model, String text) {
    TaskModel.Typed typed = model.typed(text);
    if (typed.tokens().isEmpty()) {
      throw new InputException(
          "The model %s reads nothing of this text: it has characters that the model has never seen."
              .formatted(name));
    }
    Network network = model.saved().network();
    Pass pass = new Pass(network);
    pass.load(model.saved().params());
    Batch batch = new Batch(network.spec().batchShape());
    batch.fill(List.of(typed.example()));
    float[] state = new float[network.stateSize(1)];
    pass.initialState(state, 1);
    pass.read(batch, state);
    Vocabulary vocabulary = model.saved().vocabularies().get(0);
    List<String> tokens =
        IntStream.of(typed.example().labels()).mapToObj(vocabulary::token).toList();
    return new Surprises(name, tokens, pass.prediction(0, null).values());
  }

  private double mean() {
    return IntStream.range(0, losses.length).mapToDouble(i -> losses[i]).sum() / losses.length;
  }

  private List<SurprisesPage.Surprise> largest(int most) {
    return IntStream.range(0, losses.length)
        .boxed()
        .sorted(Comparator.comparingDouble(t -> -losses[t]))
        .limit(most)
        .map(
            t ->
                new SurprisesPage.Surprise(
                    before(t), EmbeddingsPage.visible(tokens.get(t)), losses[t]))
        .toList();
  }

  private String before(int token) {
    List<String> some = tokens.subList(Math.max(0, token - CONTEXT), token);
    boolean words = some.stream().anyMatch(t -> t.codePointCount(0, t.length()) > 1);
    return EmbeddingsPage.visible(String.join(words ? " " : "", some));
  }

  /** Returns what the whole text says, in a line each. */
  public Map<String, Object> lines() {
    return Json.fields(
        "tokens", Figures.count(tokens.size()),
        "loss", Figures.loss(mean()),
        "perplexity", Figures.perplexity(Math.exp(mean())));
  }

  /** Returns the figures, for JSON. */
  public Map<String, Object> figures(int most) {
    List<Map<String, Object>> largest =
        largest(most).stream()
            .map(s -> Json.fields("before", s.before(), "token", s.token(), "loss", s.loss()))
            .toList();
    return Json.fields(
        "tokens",
        tokens.size(),
        "loss",
        mean(),
        "perplexity",
        Math.exp(mean()),
        "losses",
        losses,
        "surprises",
        largest);
  }

  /**
   * Returns the page.
   *
   * @param shown the first tokens, which it shows
   * @param most surprises
   */
  public Page page(int shown, int most) {
    float[] sorted = losses.clone();
    Arrays.sort(sorted);
    double limit = Math.max(1, sorted[(int) (SHADED * (sorted.length - 1))]);
    return SurprisesPage.of(
        model,
        "%s of a text, each given all before it.".formatted(Figures.count(tokens.size(), "token")),
        List.of(
            new Report.Figure(Figures.loss(mean()), "nats per token"),
            new Report.Figure(Figures.perplexity(Math.exp(mean())), "perplexity")),
        tokens.subList(0, Math.min(shown, tokens.size())),
        losses,
        limit,
        largest(most));
  }
}
