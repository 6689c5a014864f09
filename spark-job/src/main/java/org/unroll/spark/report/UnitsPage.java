// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;

/**
 * Writes what the units of a network did over a text as an {@link HtmlPage}: pictures of gates and
 * states with the text under them, what the units are in the habit of, and the text in the colours
 * of those that follow something visible.
 */
public final class UnitsPage {
  /** The pixels of the page that a unit is high in a picture. */
  private static final int UNIT_HEIGHT = 3;

  /** The red, green and blue of values above and below zero, which go with light and dark pages. */
  private static final int ABOVE = 0x2f8fb0;

  private static final int BELOW = 0xd08a2a;

  /**
   * The content of such a page.
   *
   * @param title of the model
   * @param summary what was read, in a sentence
   * @param tokens that are shown, the first ones of what was read
   * @param layers from the first on
   * @param followers the units that follow something, the clearest first
   */
  public record Content(
      String title,
      String summary,
      List<String> tokens,
      List<Layer> layers,
      List<Follower> followers) {}

  /** One direction of a layer, with its pictures and habits. */
  public record Layer(String name, List<Heat> heats, List<Habit> habits) {}

  /**
   * The values of a gate or a state.
   *
   * @param values {@code [T, H]}, at least those of the tokens that are shown, the units in the
   *     order in which they are drawn
   * @param units H
   * @param limit the value that has the full colour
   */
  public record Heat(String name, float[] values, int units, double limit) {}

  /**
   * Something that units do again and again.
   *
   * @param name of it
   * @param when it is so, in words
   * @param units that do it in half of the steps or more
   * @param share of all steps of all units
   */
  public record Habit(String name, String when, int units, double share) {}

  /**
   * A unit that follows something that can be seen in the text.
   *
   * @param what it follows
   * @param layer its layer
   * @param unit its number there
   * @param correlation of its values with that
   * @param values of the tokens, of which the first ones are shown
   */
  public record Follower(String what, String layer, int unit, double correlation, float[] values) {}

  private final Content content;
  private final HtmlPage page;

  private UnitsPage(Content content) {
    this.content = content;
    page = new HtmlPage("What the units do", content.title(), content.summary());
  }

  /** Returns the whole file. */
  public static byte[] of(Content content) {
    return new UnitsPage(content).page();
  }

  private byte[] page() {
    if (!content.followers().isEmpty()) {
      followers();
    }
    for (Layer layer : content.layers()) {
      page.open(layer.name());
      if (!layer.habits().isEmpty()) {
        habits(layer);
      }
      layer.heats().forEach(this::heat);
      page.note(
          "A row is a unit, a column a token. Blue is above zero, orange below; the stronger, the"
              + " further from it. The units stand in the same order in all pictures of a layer.");
      page.close();
    }
    return page.end();
  }

  private void followers() {
    page.open("Units that follow something visible");
    page.numbers(
        "Units that follow something visible",
        List.of("follows", "unit", "correlation"),
        content.followers().stream()
            .map(f -> List.of(f.what(), name(f), Figures.ratio(f.correlation())))
            .toList(),
        0);
    page.note(
        "The correlation is that of the unit's values with what it follows, over all tokens.");
    for (Follower follower : content.followers()) {
      page.add("<h3>%s: %s</h3>".formatted(HtmlPage.text(follower.what()), name(follower)));
      page.add("<p class=\"told\" dir=\"auto\">" + colored(follower) + "</p>");
    }
    page.close();
  }

  private static String name(Follower follower) {
    return "%s, unit %s".formatted(follower.layer(), follower.unit());
  }

  /** Returns the text, each token on the colour of the unit's value. */
  private String colored(Follower follower) {
    double limit = limit(follower.values());
    StringBuilder html = new StringBuilder();
    for (int t = 0; t < content.tokens().size(); t++) {
      float value = follower.values()[t];
      String token = content.tokens().get(t);
      html.append(
          "<span style=\"background:rgb(%s / %s)\">%s</span>"
              .formatted(
                  rgb(value), Figures.ratio(share(value, limit)), HtmlPage.text(inLine(token))));
    }
    return html.toString();
  }

  /**
   * Returns the largest distance from zero, which is a {@link Heat} that has no limit of its own.
   */
  public static double limit(float... values) {
    double most = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  private static double share(float value, double limit) {
    return limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0;
  }

  private static String rgb(float value) {
    int c = value < 0 ? BELOW : ABOVE;
    return String.format(Locale.ROOT, "%d %d %d", c >> 16 & 255, c >> 8 & 255, c & 255);
  }

  /** Returns a token as it stands in a text: words have a blank between them, lines end. */
  private static String inLine(String token) {
    if (token.equals("\n")) {
      return "⏎\n";
    }
    boolean character = token.codePointCount(0, token.length()) == 1;
    return character ? token : token + " ";
  }

  private void habits(Layer layer) {
    page.numbers(
        layer.name(),
        List.of("habit", "units", "of all steps"),
        layer.habits().stream()
            .map(
                habit ->
                    List.of(
                        habit.name() + " (" + habit.when() + ")",
                        Integer.toString(habit.units()),
                        Figures.percent(habit.share())))
            .toList(),
        0);
    page.note("A unit has a habit if it does so in half of the steps or more.");
  }

  private void heat(Heat heat) {
    int steps = content.tokens().size();
    page.add("<h3>" + HtmlPage.text(heat.name()) + "</h3>");
    page.scroll(heat.name() + " over the text");
    boolean words = content.tokens().stream().anyMatch(t -> t.codePointCount(0, t.length()) > 1);
    page.add("<div class=\"strip%s\">".formatted(words ? " words" : ""));
    page.add(
        "<img alt=\"%s\" style=\"--steps:%d;height:%dpx\" src=\"%s\">"
            .formatted(
                HtmlPage.text(description(heat)),
                steps,
                UNIT_HEIGHT * heat.units(),
                Picture.uri(pixels(heat, steps))));
    StringBuilder under = new StringBuilder();
    for (String token : content.tokens()) {
      String shown = token.equals("\n") ? "⏎" : token.isBlank() ? "␣" : token;
      under.append("<i>").append(HtmlPage.text(shown)).append("</i>");
    }
    page.add("<div aria-hidden=\"true\">" + under + "</div></div></div>");
  }

  private String description(Heat heat) {
    double sum = 0;
    for (float value : heat.values()) {
      sum += value;
    }
    return "%s of %s units over %s, %s in the mean"
        .formatted(
            heat.name(),
            heat.units(),
            Figures.count(content.tokens().size(), "token"),
            Figures.ratio(sum / Math.max(1, heat.values().length)));
  }

  /** Returns an image with a pixel for each value, which the page enlarges. */
  private static byte[] pixels(Heat heat, int steps) {
    return Picture.png(
        steps,
        heat.units(),
        BufferedImage.TYPE_INT_ARGB,
        graphics -> {
          for (int t = 0; t < steps; t++) {
            for (int u = 0; u < heat.units(); u++) {
              float value = heat.values()[t * heat.units() + u];
              int alpha = (int) Math.round(255 * share(value, heat.limit()));
              graphics.setColor(new Color(alpha << 24 | (value < 0 ? BELOW : ABOVE), true));
              graphics.fillRect(t, u, 1, 1);
            }
          }
        });
  }
}
