// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;

/**
 * Figures by length of source tell how good answers are about short and about long rows: the same
 * figures as of all rows, of those of which about as many steps are read.
 *
 * @param of which data, such as {@code test data}; empty where there is no choice
 * @param bins of the lengths that occur, the shortest first; none where nobody asks for lengths
 */
public record ByLength(String of, List<Bin> bins) {
  /** The name that the figures have in JSON and in files, behind that of a split. */
  public static final String NAME = "by_length";

  /** What is not told by length. */
  public static final ByLength NONE = new ByLength("", List.of());

  /**
   * The rows of about one length.
   *
   * @param from the fewest steps that are read
   * @param to the most, or null for any number
   * @param rows how many there are, at least one
   * @param figures of them by name, each time the same ones
   */
  public record Bin(int from, Integer to, long rows, Map<String, Double> figures) {
    /** Returns the lengths as people read them: 6–10, or over 100. */
    String name() {
      return to == null ? "over " + (from - 1) : from + "–" + to;
    }
  }

  public ByLength {
    bins = List.copyOf(bins);
  }

  /** Returns the same figures with what they are of. */
  public ByLength named(String other) {
    return new ByLength(other, bins);
  }

  /** Returns whether nothing is told by length. */
  public boolean isEmpty() {
    return bins.isEmpty();
  }

  /** Returns the names of the figures, the one that counts most first. */
  public List<String> figures() {
    return isEmpty() ? List.of() : List.copyOf(bins.get(0).figures().keySet());
  }

  /** Returns a bin by its name; empty if there are no rows of those lengths. */
  private Optional<Bin> find(String bin) {
    return bins.stream().filter(some -> some.name().equals(bin)).findFirst();
  }

  /** Returns how many rows a bin has, for people. */
  String rows(String bin) {
    return find(bin).map(found -> Figures.count(found.rows())).orElse("–");
  }

  /** Returns a figure of a bin; null if there is none. */
  Double value(String bin, String figure) {
    return find(bin).map(found -> found.figures().get(figure)).orElse(null);
  }

  /** Returns a figure of a bin, for people. */
  String figure(String bin, String name) {
    Double value = value(bin, name);
    return value == null ? "–" : Figures.fine(value);
  }

  /** Returns the bins as the maps, lists and numbers that JSON has. */
  public Object json() {
    return StrictJson.plain(bins);
  }

  /**
   * Returns what {@link #json} made.
   *
   * @param json what a file has; null for {@link #NONE}
   * @param source what messages call the file
   * @param field that has it
   * @throws InputException if it is something else, naming the field
   */
  public static ByLength of(Object json, String source, String field) {
    if (json == null) {
      return NONE;
    }
    if (!(json instanceof List<?> list)) {
      throw new InputException("%s: the field %s must be a list".formatted(source, field));
    }
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String name = "%s[%s]".formatted(field, i);
      Bin bin = StrictJson.bind(list.get(i), source, name, Bin.class);
      if (bin.figures() == null
          || bin.figures().containsValue(null)
          || i > 0 && !bin.figures().keySet().equals(bins.get(0).figures().keySet())) {
        throw new InputException(
            "%s: the field %s.figures must have the same numbers as the others"
                .formatted(source, name));
      }
      bins.add(bin);
    }
    return new ByLength("", bins);
  }

  /** Returns the heading of their table and picture. */
  String heading() {
    return "By length of source" + (of.isEmpty() ? "" : ", " + of);
  }

  /** Returns a row for every bin. */
  public Report.Table table() {
    List<String> columns = new ArrayList<>(List.of("steps read", "rows"));
    figures().forEach(figure -> columns.add(Figures.name(figure)));
    List<List<String>> rows = new ArrayList<>();
    for (Bin bin : bins) {
      List<String> row = new ArrayList<>(List.of(bin.name(), rows(bin.name())));
      figures().forEach(figure -> row.add(figure(bin.name(), figure)));
      rows.add(row);
    }
    return new Report.Table(heading(), columns, rows);
  }
}
