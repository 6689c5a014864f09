// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.List;
import java.util.Map;

/**
 * Writes what lies near what in an embedding as an {@link HtmlPage}: a map of words, the neighbours
 * of some, and analogies.
 */
public final class EmbeddingsPage {
  private EmbeddingsPage() {}

  /**
   * A neighbour of a word.
   *
   * @param word as the vocabulary calls it
   * @param cosine of the angle between them
   */
  public record Neighbour(String word, double cosine) {}

  /**
   * Returns the page.
   *
   * @param title of the model
   * @param summary of its embedding, in a sentence
   * @param map of words
   * @param neighbours of words, as people see those, the nearest first
   * @param analogies by their questions, as in {@code man : king = woman : ?}, the best answers
   *     first
   */
  public static Page of(
      String title,
      String summary,
      WordMap map,
      Map<String, List<Neighbour>> neighbours,
      Map<String, List<Neighbour>> analogies) {
    HtmlPage page = new HtmlPage("Embedding", title, summary);
    page.open("A map of its words");
    page.picture(
        "Words as points of a plane; the table of neighbours says which lie near each other.",
        map::draw);
    page.note(
        ("Vectors of length 1 on the two axes along which these words differ most (PCA), which have %s"
                + " of all their variance. Words that would cover others are points without a name.")
            .formatted(Figures.percent(map.explained())));
    page.close();
    table(page, "Analogies", analogies);
    table(page, "Neighbours, with the cosine", neighbours);
    return page.end();
  }

  private static void table(HtmlPage page, String heading, Map<String, List<Neighbour>> lists) {
    if (lists.isEmpty()) {
      return;
    }
    page.open(heading);
    page.scroll(heading);
    page.add("<table class=\"facts\"><tbody>");
    lists.forEach(
        (name, list) ->
            page.add(
                "<tr><th scope=\"row\">%s</th><td>%s</td></tr>"
                    .formatted(HtmlPage.text(name), words(list))));
    page.add("</tbody></table></div>");
    page.close();
  }

  private static String words(List<Neighbour> list) {
    return String.join(
        " · ",
        list.stream()
            .map(
                n ->
                    "<span class=\"near\">%s <small>%s</small></span>"
                        .formatted(HtmlPage.text(visible(n.word())), Figures.ratio(n.cosine())))
            .toList());
  }

  /** Returns a token in which white space is visible. */
  public static String visible(String token) {
    return token.replace(' ', '\u2423').replace('\n', '\u23ce').replace('\t', '\u21e5');
  }
}
