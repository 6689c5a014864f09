// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.nio.charset.StandardCharsets;

/**
 * The page of a training that runs, for those who look at it meanwhile: the newest that was
 * written, and what the training does at the moment. One thread trains and tells it, others read
 * it.
 */
public final class LivePage {
  /** The seconds after which a browser looks for a newer page. */
  private static final int REFRESH = 5;

  /** Where the page has what the training does at the moment; a file has nothing there. */
  private static final String NOW = "<!--now-->";

  private volatile String page;
  private volatile String now = "";

  /**
   * Makes the page of a training that has written none.
   *
   * @param title of the training
   */
  public LivePage(String title) {
    page = text(begin(title, "This training has not ended its first epoch.").end());
  }

  /** Begins the page of a training that goes on, of which browsers look for a newer one. */
  static HtmlPage begin(String title, String summary) {
    HtmlPage page = new HtmlPage("Training report, still running", title, summary, REFRESH);
    page.add(NOW);
    return page;
  }

  private static String text(Page written) {
    return new String(written.html(), StandardCharsets.UTF_8);
  }

  /** Takes a newer page. */
  public void show(Page newer) {
    page = text(newer);
  }

  /** Takes what the training does at the moment, in a line. */
  public void tell(String line) {
    now = line;
  }

  /** Returns the file as it is now. */
  public byte[] html() {
    String line = now;
    String shown =
        line.isEmpty() ? "" : "<p class=\"now\" role=\"status\">" + HtmlPage.text(line) + "</p>";
    return page.replace(NOW, shown).getBytes(StandardCharsets.UTF_8);
  }
}
