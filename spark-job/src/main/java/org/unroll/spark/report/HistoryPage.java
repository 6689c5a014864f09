// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;

/** Writes the history of models that are retrained again and again as an {@link HtmlPage}. */
public final class HistoryPage {
  /** Fewer versions than this have no course to draw. */
  private static final int LEAST = 2;

  /**
   * A version of the model.
   *
   * @param version its number
   * @param time when it was judged, as people read it
   * @param outcome what became of it
   * @param reason why, in a sentence
   * @param score what it was judged by, in words; null if it is not told
   * @param champion score of the champion that it was judged against; null if there was none
   * @param challenger its own score on the same rows; null if it is not told
   * @param low end of the interval of their difference, or null
   * @param high end of the interval, or null
   * @param data how much was learnt, in words
   * @param drift figures of how its data differ from those of the champion, by name
   */
  public record Entry(
      int version,
      String time,
      String outcome,
      String reason,
      String score,
      Double champion,
      Double challenger,
      Double low,
      Double high,
      String data,
      Map<String, Double> drift) {}

  /**
   * What became of one of several models that are retrained side by side.
   *
   * @param name of the model
   * @param scores of the version that was in use at the end of a day, by day
   * @param seconds that the training of the day took, by day
   */
  public record Course(String name, Map<String, Double> scores, Map<String, Double> seconds) {}

  private HistoryPage() {}

  /**
   * Returns the page about several models.
   *
   * @param place of the registry
   * @param score what all of them are judged by, in words
   */
  public static Page of(String place, String score, List<Course> courses) {
    List<String> names = courses.stream().map(Course::name).toList();
    HtmlPage page =
        new HtmlPage("Registry", String.join(", ", names), "Side by side, of " + place + ".");
    TreeSet<String> all = new TreeSet<>();
    courses.forEach(course -> all.addAll(course.scores().keySet()));
    List<String> days = List.copyOf(all);
    courses(page, "Score", score, days, courses, Course::scores);
    page.note(
        "Of the version in use at the end of a day, on the rows that were held out until then.");
    page.close();
    courses(page, "Time", "seconds of training", days, courses, Course::seconds);
    page.close();
    List<String> columns = new ArrayList<>(List.of("day"));
    for (String name : names) {
      columns.addAll(List.of(name + ", " + score, name + ", seconds"));
    }
    page.open("Days");
    page.numbers("Days", columns, days.stream().map(day -> row(day, courses)).toList(), 0);
    page.close();
    return page.end();
  }

  private static List<String> row(String day, List<Course> courses) {
    List<String> row = new ArrayList<>(List.of(day));
    for (Course course : courses) {
      Double seconds = course.seconds().get(day);
      row.add(text(course.scores().get(day)));
      row.add(seconds == null ? "–" : Figures.significant(seconds));
    }
    return row;
  }

  private static void courses(
      HtmlPage page,
      String heading,
      String unit,
      List<String> days,
      List<Course> courses,
      Function<Course, Map<String, Double>> values) {
    List<EpochChart.Line> lines = new ArrayList<>();
    for (Course course : courses) {
      int model = lines.size();
      Map<String, Double> told = values.apply(course);
      lines.add(line(course.name(), style -> style.models().get(model), days, told::get));
    }
    page.open(heading);
    page.picture(
        heading + " by day; the table has the numbers.",
        new EpochChart("day, from the first", unit, lines, 0, false)::draw);
    page.key(courses.stream().map(Course::name).toList());
  }

  /**
   * Returns the page.
   *
   * @param name of the model
   * @param place of the registry
   * @param entries the versions, the oldest first
   * @param aliases the version of each alias
   */
  public static Page of(
      String name, String place, List<Entry> entries, Map<String, Integer> aliases) {
    String score =
        entries.stream().map(Entry::score).filter(Objects::nonNull).findFirst().orElse("score");
    HtmlPage page =
        new HtmlPage(
            "Registry",
            name,
            "%s in %s%s."
                .formatted(
                    Figures.count(entries.size(), "version"),
                    place,
                    aliases.isEmpty() ? "" : ": " + words(aliases)));
    if (entries.size() >= LEAST) {
      scores(page, score, entries);
      drift(page, entries);
    }
    table(page, score, entries);
    return page.end();
  }

  private static String words(Map<String, Integer> aliases) {
    List<String> words = new ArrayList<>();
    aliases.forEach((alias, version) -> words.add(alias + " is version " + version));
    return String.join(", ", words);
  }

  private static void scores(HtmlPage page, String score, List<Entry> entries) {
    List<EpochChart.Line> lines =
        List.of(
            line(
                "champion that it was judged against", s -> s.training(), entries, Entry::champion),
            line("version", s -> s.validation(), entries, Entry::challenger));
    if (isTold(lines)) {
      chart(page, "Score", score, lines);
      page.note(
          "Each version and the champion of its day on the same held-out rows, which grow from day"
              + " to day: a version is to be compared with the champion above or below it, rather"
              + " than with other versions.");
      page.close();
    }
  }

  /** Draws the figures of drift that lie between 0 and 1, as shares do. */
  private static void drift(HtmlPage page, List<Entry> entries) {
    TreeSet<String> names = new TreeSet<>();
    entries.forEach(entry -> names.addAll(entry.drift().keySet()));
    List<EpochChart.Line> lines = new ArrayList<>();
    for (String name : names) {
      int color = lines.size();
      EpochChart.Line line =
          line(
              Figures.name(name),
              style -> style.models().get(color % style.models().size()),
              entries,
              entry -> entry.drift().get(name));
      boolean shares =
          entries.stream()
              .map(entry -> entry.drift().get(name))
              .filter(Objects::nonNull)
              .allMatch(value -> Math.abs(value) <= 1);
      if (shares) {
        lines.add(line);
      }
    }
    if (isTold(lines)) {
      chart(page, "Drift", "share, or change of a share", lines);
      page.note(
          "How the new rows of each night differ from those that the champion of that night had learnt.");
      page.close();
    }
  }

  private static boolean isTold(List<EpochChart.Line> lines) {
    return lines.stream()
        .anyMatch(line -> Arrays.stream(line.values()).filter(Double::isFinite).count() >= LEAST);
  }

  private static <T> EpochChart.Line line(
      String name, Function<ChartStyle, Color> color, List<T> along, Function<T, Double> value) {
    return new EpochChart.Line(
        name,
        color,
        along.stream().map(value).mapToDouble(told -> told == null ? Double.NaN : told).toArray());
  }

  private static void chart(
      HtmlPage page, String heading, String unit, List<EpochChart.Line> lines) {
    page.open(heading);
    page.picture(
        heading + " of the versions, the oldest first; the table has the numbers.",
        new EpochChart("version, from the oldest", unit, lines, 0, true)::draw);
  }

  private static void table(HtmlPage page, String score, List<Entry> entries) {
    List<List<String>> rows = new ArrayList<>();
    for (int e = entries.size() - 1; e >= 0; e--) {
      Entry entry = entries.get(e);
      rows.add(
          List.of(
              Integer.toString(entry.version()),
              entry.time(),
              entry.outcome(),
              text(entry.challenger()),
              text(entry.champion()),
              entry.low() == null ? "–" : text(entry.low()) + " to " + text(entry.high()),
              entry.data(),
              entry.reason()));
    }
    page.open("Versions");
    page.numbers(
        "Versions",
        List.of(
            "version",
            "time",
            "outcome",
            score,
            "champion's",
            "difference, interval",
            "learnt",
            "reason"),
        rows,
        0);
    page.close();
  }

  private static String text(Double value) {
    return value == null ? "–" : Figures.fine(value);
  }
}
