// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.Arrays;
import java.util.List;

/**
 * Writes what the units of a network did over a text as an {@link HtmlPage}: pictures of gates and
 * states with the text under them, what the units are in the habit of, and the text in the colours
 * of those that follow something visible.
 */
public final class UnitsPage {
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

  /** Returns the page. */
  public static Page of(Content content) {
    return new UnitsPage(content).page();
  }

  private Page page() {
    if (!content.followers().isEmpty()) {
      followers();
    }
    for (Layer layer : content.layers()) {
      page.open(layer.name());
      if (!layer.habits().isEmpty()) {
        habits(layer);
      }
      layer.heats().forEach(heat -> heat(layer, heat));
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
      page.part("%s: %s".formatted(follower.what(), name(follower)));
      float[] values = Arrays.copyOf(follower.values(), content.tokens().size());
      page.shaded(new ShadedText(content.tokens(), values, Shade.limit(values)), null);
    }
    page.close();
  }

  private static String name(Follower follower) {
    return "%s, unit %s".formatted(follower.layer(), follower.unit());
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

  private void heat(Layer layer, Heat heat) {
    int steps = content.tokens().size();
    List<String> columns =
        content.tokens().stream()
            .map(token -> token.equals("\n") ? "⏎" : token.isBlank() ? "␣" : token)
            .toList();
    float[][] values = new float[heat.units()][steps];
    for (int u = 0; u < heat.units(); u++) {
      for (int t = 0; t < steps; t++) {
        values[u][t] = heat.values()[t * heat.units() + u];
      }
    }
    page.part(heat.name());
    page.strip(
        description(heat),
        new HeatMap(
            "%s, %s over the text".formatted(layer.name(), heat.name()),
            List.of(),
            columns,
            values,
            heat.limit()));
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
}
