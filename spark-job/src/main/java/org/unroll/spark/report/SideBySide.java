// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Models of one task side by side: how their trainings went, which options differ, and how good
 * they are.
 *
 * @param task what they do
 * @param measure of their trainings
 * @param models one or more, in the order in which somebody has named them
 * @param notes sentences on what cannot be compared
 */
public record SideBySide(String task, Measure measure, List<Trained> models, List<String> notes) {
  private static final String NOTHING = "–";
  private static final String SECONDS = "seconds_in_rounds";

  /**
   * A model as its folder tells of it.
   *
   * @param name that tells it from the others
   * @param folder as somebody has named it
   * @param parameters how many it has
   * @param options that it was trained with, and its data
   * @param results how good it is, by name
   * @param valid its figures of the validation rows by length
   * @param test its figures of the test rows by length
   * @param epochs of its training, at least one
   */
  public record Trained(
      String name,
      String folder,
      long parameters,
      Map<String, Object> options,
      Map<String, Object> results,
      ByLength valid,
      ByLength test,
      List<MetricsLog.Epoch> epochs) {
    /** Returns whether it had validation data; the loss of an epoch may yet be infinite. */
    boolean validated() {
      return epochs.stream().anyMatch(epoch -> !Double.isNaN(epoch.valid()));
    }

    /** Returns the results that are one value each, and what the training was. */
    Map<String, Object> figures() {
      Map<String, Object> figures = new LinkedHashMap<>(results);
      figures.values().removeIf(value -> !(value instanceof Number));
      figures.put("epochs", epochs.size());
      figures.put("parameters", parameters);
      figures.put(SECONDS, epochs.stream().mapToDouble(MetricsLog.Epoch::seconds).sum());
      return figures;
    }
  }

  public SideBySide {
    models = List.copyOf(models);
    notes = List.copyOf(notes);
  }

  /** Returns the names of the models, as columns behind one of another kind. */
  private List<String> columns(String first) {
    return Stream.concat(Stream.of(first), models.stream().map(Trained::name)).toList();
  }

  /** Returns the options whose values are not all the same, or of one model all that it has. */
  Set<String> differences() {
    Set<String> names = names(Trained::options);
    names.removeIf(
        name ->
            models.size() > 1
                && models.stream().map(model -> model.options().get(name)).distinct().count() < 2);
    return names;
  }

  private Set<String> names(Function<Trained, Map<String, Object>> values) {
    Set<String> names = new LinkedHashSet<>();
    models.forEach(model -> names.addAll(values.apply(model).keySet()));
    return names;
  }

  /** Returns those options, a row each. */
  public Report.Table optionTable() {
    List<List<String>> rows =
        differences().stream()
            .map(name -> row(name, model -> option(name, model.options().get(name))))
            .toList();
    String heading = models.size() > 1 ? "Options that differ" : "Options";
    return new Report.Table(heading, columns("option"), rows);
  }

  private static String option(String name, Object value) {
    String text = value == null ? "" : Figures.setting(name, value);
    return text.isEmpty() ? NOTHING : text;
  }

  private List<String> row(String name, Function<Trained, String> cell) {
    return Stream.concat(Stream.of(Figures.name(name)), models.stream().map(cell)).toList();
  }

  /** Returns how good the models are, a figure a row. */
  public Report.Table figureTable() {
    List<List<String>> rows =
        names(Trained::figures).stream()
            .map(name -> row(name, model -> figure(name, model.figures().get(name))))
            .toList();
    return new Report.Table("Figures", columns("figure"), rows);
  }

  private static String figure(String name, Object value) {
    if (!(value instanceof Number number)) {
      return NOTHING;
    }
    double told = number.doubleValue();
    if (!Double.isFinite(told)) {
      return NOTHING;
    }
    boolean counted = !(value instanceof Double) || name.equals(SECONDS);
    return counted ? Figures.count(Math.round(told)) : Figures.fine(told);
  }

  /**
   * Returns the figures by length of the models that tell them: of the test rows, or of those of
   * the validation where one has no test.
   */
  List<BarChart.Bars> lengths() {
    boolean tested =
        models.stream().noneMatch(model -> model.test().isEmpty() && !model.valid().isEmpty());
    List<BarChart.Bars> told = new ArrayList<>();
    for (Trained model : models) {
      ByLength lengths = tested || model.valid().isEmpty() ? model.test() : model.valid();
      if (!lengths.isEmpty()) {
        told.add(new BarChart.Bars(model.name(), models.indexOf(model), lengths));
      }
    }
    return told;
  }

  /** Returns those figures, a length a row, with how many rows there are of it. */
  Report.Table lengthTable() {
    List<BarChart.Bars> all = lengths();
    List<String> figures = all.get(0).lengths().figures();
    List<String> bins = BarChart.lengths(all);
    // The same data have the same rows; one column tells of them.
    boolean same = all.stream().map(model -> rows(model, bins)).distinct().count() == 1;
    List<BarChart.Bars> counted = same ? all.subList(0, 1) : all;
    List<String> columns = new ArrayList<>(List.of("steps read"));
    counted.forEach(model -> columns.add(same ? "rows" : "rows, " + model.name()));
    figures.forEach(
        figure -> all.forEach(model -> columns.add(Figures.name(figure) + ", " + model.name())));
    List<List<String>> rows = new ArrayList<>();
    for (String bin : bins) {
      List<String> row = new ArrayList<>(List.of(bin));
      counted.forEach(model -> row.add(model.lengths().rows(bin)));
      figures.forEach(figure -> all.forEach(model -> row.add(model.lengths().figure(bin, figure))));
      rows.add(row);
    }
    List<String> headings =
        all.stream().map(model -> model.lengths().heading()).distinct().toList();
    String heading = headings.size() == 1 ? headings.get(0) : "By length of source";
    return new Report.Table(heading, columns, rows);
  }

  private static List<String> rows(BarChart.Bars model, List<String> bins) {
    return bins.stream().map(model.lengths()::rows).toList();
  }

  /** Returns all of it as a JSON object has it; what is not told is left out. */
  public Map<String, Object> json() {
    List<Object> all = new ArrayList<>();
    Map<String, ByLength> lengths = new LinkedHashMap<>();
    lengths().forEach(bars -> lengths.put(bars.name(), bars.lengths()));
    for (Trained model : models) {
      Map<String, Object> fields =
          Json.fields("name", model.name(), "model", model.folder(), "options", model.options());
      Map<String, Object> figures = model.figures();
      figures.values().removeIf(value -> value instanceof Double d && !Double.isFinite(d));
      fields.put("figures", figures);
      ByLength byLength = lengths.get(model.name());
      if (byLength != null) {
        fields.put(ByLength.NAME, byLength.json());
        fields.put(ByLength.NAME + "_of", byLength.of());
      }
      fields.put("epochs", epochs(model));
      all.add(fields);
    }
    Map<String, Object> differences = new LinkedHashMap<>();
    differences()
        .forEach(
            name ->
                differences.put(
                    name,
                    models.stream()
                        .map(model -> model.options().get(name))
                        .collect(Collectors.toList()))); // with null where one has none
    return Json.fields("task", task, "models", all, "differences", differences, "notes", notes);
  }

  private List<Object> epochs(Trained model) {
    List<Object> epochs = new ArrayList<>();
    for (MetricsLog.Epoch epoch : model.epochs()) {
      Map<String, Object> fields = Json.fields("epoch", epochs.size() + 1, "loss", epoch.train());
      fields.put("valid_loss", epoch.valid());
      fields.put(measure.name(), epoch.figure());
      fields.put("seconds", epoch.seconds());
      fields.values().removeIf(value -> value instanceof Double d && !Double.isFinite(d));
      epochs.add(fields);
    }
    return epochs;
  }
}
