// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

/** Text inside pages. */
final class Html {
  private Html() {}

  /** The text with what HTML gives a meaning written out, and what has no picture replaced. */
  static String text(String text) {
    StringBuilder html = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> append(html, c));
    return html.toString();
  }

  private static void append(StringBuilder html, int codePoint) {
    switch (codePoint) {
      case '&' -> html.append("&amp;");
      case '<' -> html.append("&lt;");
      case '>' -> html.append("&gt;");
      case '"' -> html.append("&quot;");
      case '\'' -> html.append("&#39;");
      case '\n', '\t' -> html.append((char) codePoint);
      default -> html.appendCodePoint(printable(codePoint) ? codePoint : 0xFFFD);
    }
  }

  private static boolean printable(int codePoint) {
    int type = Character.getType(codePoint);
    return type != Character.CONTROL && type != Character.SURROGATE;
  }
}
