// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * How often each label was taken for each other.
 *
 * @param there the labels that are true, those that the model does not know behind the others
 * @param said the labels that the model knows
 * @param counts {@code [there, said]}
 * @param of the data, in words
 */
public record Confusion(List<String> there, List<String> said, double[][] counts, String of) {
  /** The largest number of labels whose confusion is shown; nobody would read larger tables. */
  private static final int MOST_SHOWN = 60;

  /** What has the full colour: below it, numbers can be read on all shades. */
  private static final double LIMIT = 1.3;

  /** Two labels, the first of which was taken for the second. */
  private record Pair(int truth, int said, double count) {}

  /** Returns the same, named after the data. */
  Confusion named(String data) {
    return new Confusion(there, said, counts, data);
  }

  /** Returns whether there are few enough labels to show all. */
  public boolean isShown() {
    return there.size() <= MOST_SHOWN;
  }

  String heading() {
    return of.isEmpty() ? "Confusion" : "Confusion, " + of;
  }

  /** Returns it as numbers. */
  public Report.Table table() {
    List<String> columns = new ArrayList<>();
    columns.add("true \\ predicted");
    columns.addAll(said);
    List<List<String>> rows = new ArrayList<>();
    for (int t = 0; t < there.size(); t++) {
      List<String> row = new ArrayList<>(List.of(there.get(t)));
      IntStream.range(0, said.size()).mapToObj(text(t)::apply).forEach(row::add);
      rows.add(row);
    }
    return new Report.Table(heading(), columns, rows);
  }

  private IntFunction<String> text(int truth) {
    return s -> Figures.count((long) counts[truth][s]);
  }

  /** Returns the labels that are most often taken for others, with how often. */
  Report.Table pairs(int most) {
    List<Pair> pairs = new ArrayList<>();
    for (int t = 0; t < there.size(); t++) {
      for (int s = 0; s < said.size(); s++) {
        if (s != t && counts[t][s] > 0) {
          pairs.add(new Pair(t, s, counts[t][s]));
        }
      }
    }
    pairs.sort(Comparator.comparingDouble(pair -> -pair.count()));
    return new Report.Table(
        "Taken for each other",
        List.of("true", "said", "times", "of those that are so"),
        pairs.stream()
            .limit(most)
            .map(
                pair ->
                    List.of(
                        there.get(pair.truth()),
                        said.get(pair.said()),
                        Figures.count((long) pair.count()),
                        Figures.percent(pair.count() / sum(pair.truth()))))
            .toList());
  }

  /** Returns how many answers are wrong. */
  double error() {
    double wrong = 0;
    for (int t = 0; t < there.size(); t++) {
      wrong += sum(t) - (t < said.size() ? counts[t][t] : 0);
    }
    return wrong;
  }

  private double sum(int truth) {
    return IntStream.range(0, said.size()).mapToDouble(s -> counts[truth][s]).sum();
  }

  /**
   * Returns it as a picture: what is right blue, what is wrong orange, the stronger the larger its
   * share of the row. Of shares the root is shown, so that small ones are seen.
   */
  private HeatMap map() {
    float[][] values = new float[there.size()][said.size()];
    String[][] texts = new String[there.size()][said.size()];
    for (int t = 0; t < values.length; t++) {
      for (int s = 0; s < said.size(); s++) {
        double root = Math.sqrt(counts[t][s] / Math.max(1, sum(t)));
        values[t][s] = (float) (s == t ? root : -root);
        texts[t][s] = counts[t][s] == 0 ? "" : text(t).apply(s);
      }
    }
    return new HeatMap(heading(), there, said, values, LIMIT, texts);
  }

  /** Adds the picture as a section to a page. */
  void addTo(HtmlPage page) {
    page.open(heading());
    page.heat(map());
    page.note(
        "A row is what is true, a column what the model said: right in blue, wrong in orange, the"
            + " stronger the larger its share of the row.");
    page.close();
  }
}
