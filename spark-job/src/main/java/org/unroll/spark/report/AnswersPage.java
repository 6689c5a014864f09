// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.List;

/**
 * Writes what a model answers to rows as an {@link HtmlPage}: with what it looked at, or with how
 * wrong it is.
 */
public final class AnswersPage {
  /** The pairs of labels that are taken for each other most often. */
  private static final int PAIRS = 20;

  private AnswersPage() {}

  /**
   * Returns a page of attention.
   *
   * @param title of the model
   * @param summary what was read, in a sentence
   */
  public static Page ofAttention(String title, String summary, List<Report.Example> examples) {
    HtmlPage page = new HtmlPage("Attention", title, summary);
    page.examples("What was looked at", examples);
    return page.end();
  }

  /**
   * Returns a page of errors.
   *
   * @param title of the model
   * @param summary what was read, in a sentence
   * @param figures of all rows
   * @param findings of all rows
   * @param worst the rows that the model is most wrong about
   */
  public static Page ofErrors(
      String title,
      String summary,
      List<Report.Figure> figures,
      Findings findings,
      List<Report.Example> worst) {
    HtmlPage page = new HtmlPage("Errors", title, summary);
    page.figures(figures);
    findings.addTo(page);
    Confusion confusion = findings.confusion();
    if (confusion != null && confusion.error() > 0) {
      page.results(confusion.pairs(PAIRS));
    }
    page.examples("What the model is most wrong about", worst);
    return page.end();
  }
}
