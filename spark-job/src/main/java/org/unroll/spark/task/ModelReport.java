// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.io.StrictJson;
import org.unroll.spark.report.ByLength;
import org.unroll.spark.report.MetricsLog;
import org.unroll.spark.report.SideBySide;
import org.unroll.spark.store.ModelStore;

/** Reads from model folders what is to be known of their trainings, to put models side by side. */
public final class ModelReport {
  /** There are as many colours. */
  private static final int MOST = 8;

  private static final String RESULTS = "results";
  private static final String HASH = "data_hash";

  private ModelReport() {}

  /**
   * Reads models.
   *
   * @param folders one or more, on any Hadoop file system
   * @throws InputException if one is no whole model, is named twice, or has another task than the
   *     first, or if there are too many
   */
  public static SideBySide of(List<String> folders) {
    if (folders.size() > MOST) {
      throw new InputException(
          "--models names %s models, but pictures of more than %s cannot be read: name fewer."
              .formatted(folders.size(), MOST));
    }
    List<String> names = names(folders);
    List<SideBySide.Trained> models = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    Set<Object> data = new HashSet<>();
    Task first = null;
    for (int i = 0; i < folders.size(); i++) {
      String folder = folders.get(i);
      TaskModel model = TaskModel.of(ModelStore.read(folder));
      Task task = model.task();
      first = first == null ? task : first;
      requireSame(first, folders.get(0), task, folder);
      models.add(trained(names.get(i), folder, model));
      notes.addAll(notes(names.get(i), models.get(i), model));
      data.add(model.saved().config().provenance().get(HASH));
    }
    if (data.size() > 1) {
      notes.add(
          "Not all of them were trained and measured on the same rows, so that their figures tell of"
              + " the data as well.");
    }
    return new SideBySide(first.name(), first.measure(), models, notes);
  }

  private static void requireSame(Task first, String folder, Task other, String otherFolder) {
    if (!first.name().equals(other.name())) {
      throw new InputException(
          ("%s is a model of the task %s and %s one of %s, whose figures mean other things: compare"
                  + " models of one task.")
              .formatted(folder, first.name(), otherFolder, other.name()));
    }
  }

  /** Returns the ends of the paths, as long as it takes to tell them from each other. */
  private static List<String> names(List<String> folders) {
    List<String[]> paths =
        folders.stream().map(folder -> folder.replaceFirst("(?<=.)/+$", "").split("/+")).toList();
    int longest = paths.stream().mapToInt(path -> path.length).max().orElse(1);
    List<String> names = List.of();
    for (int parts = 1; parts <= longest; parts++) {
      int last = parts;
      names = paths.stream().map(path -> end(path, last)).toList();
      if (new HashSet<>(names).size() == names.size()) {
        return names;
      }
    }
    for (String name : names) {
      if (names.indexOf(name) != names.lastIndexOf(name)) {
        throw new InputException("--models names " + name + " twice: name it once.");
      }
    }
    return names;
  }

  private static String end(String[] path, int parts) {
    return String.join(
        "/", Arrays.asList(path).subList(Math.max(0, path.length - parts), path.length));
  }

  private static SideBySide.Trained trained(String name, String folder, TaskModel model) {
    ModelConfig config = model.saved().config();
    String source = folder + "/config.json";
    Map<String, Object> options = new LinkedHashMap<>(config.training());
    for (String data : List.of("inputs", HASH)) {
      if (config.provenance().get(data) != null) {
        options.put(data, config.provenance().get(data));
      }
    }
    Map<String, Object> results = StrictJson.fields(config.provenance().get(RESULTS));
    if (results.isEmpty()) {
      throw new InputException(
          "%s does not tell the results of a training (provenance.results), so there is nothing to report: train again."
              .formatted(source));
    }
    return new SideBySide.Trained(
        name,
        folder,
        model.saved().params().length,
        options,
        results,
        lengths(results, "", source).named("validation data"),
        lengths(results, "test_", source).named("test data"),
        ModelStore.metrics(
            folder, (in, file) -> MetricsLog.read(in, file, model.task().measure().name())));
  }

  private static ByLength lengths(Map<String, Object> results, String split, String source) {
    String name = split + ByLength.NAME;
    return ByLength.of(results.get(name), source, "provenance.results." + name);
  }

  /** Returns what is missing of a model, in sentences. */
  private static List<String> notes(String name, SideBySide.Trained told, TaskModel model) {
    List<String> notes = new ArrayList<>();
    boolean unfinished = model.saved().config().provenance().containsKey(ModelStore.UNFINISHED_RUN);
    if (unfinished) {
      notes.add(
          "The training of %s has not finished: it tells of %s epochs."
              .formatted(name, told.epochs().size()));
    } else if (model.task() instanceof Writing writing
        && writing.byLength()
        && told.valid().isEmpty()
        && told.test().isEmpty()) {
      notes.add(
          ("%s does not tell its figures by length of source: an earlier build trained it, or nothing"
                  + " was held out. evaluate tells them of any rows.")
              .formatted(name));
    }
    return notes;
  }
}
