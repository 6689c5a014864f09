// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.List;

/**
 * Writes what surprised a language model as an {@link HtmlPage}: a text, each token on the shade of
 * its loss, and the tokens whose loss was largest.
 */
public final class SurprisesPage {
  private SurprisesPage() {}

  /**
   * A token that the model did not expect.
   *
   * @param before what stands before it
   * @param token itself
   * @param loss in nats
   */
  public record Surprise(String before, String token, double loss) {}

  /**
   * Returns the page.
   *
   * @param title of the model
   * @param summary what was read, in a sentence
   * @param figures of the whole text
   * @param tokens those that are shown, as the vocabulary calls them
   * @param losses of the tokens, in nats
   * @param limit the loss that has the full colour
   * @param surprises the largest first
   */
  public static Page of(
      String title,
      String summary,
      List<Report.Figure> figures,
      List<String> tokens,
      float[] losses,
      double limit,
      List<Surprise> surprises) {
    HtmlPage page = new HtmlPage("Surprises", title, summary);
    page.figures(figures);
    page.open("The text by loss");
    float[] below = losses.clone();
    for (int i = 0; i < below.length; i++) {
      below[i] = -losses[i]; // what is wrong is orange
    }
    page.shaded(
        new ShadedText(tokens, below, limit),
        t ->
            "%s nats, probability %s"
                .formatted(Figures.loss(losses[t]), Figures.significant(Math.exp(-losses[t]))));
    page.note(
        "The stronger the colour, the less the model expected the token; from %s nats on it is full."
            .formatted(Figures.loss(limit)));
    page.close();
    page.results(
        new Report.Table(
            "The largest surprises",
            List.of("after", "came", "loss", "probability"),
            surprises.stream()
                .map(
                    s ->
                        List.of(
                            s.before(),
                            s.token(),
                            Figures.loss(s.loss()),
                            Figures.significant(Math.exp(-s.loss()))))
                .toList()));
    return page.end();
  }
}
