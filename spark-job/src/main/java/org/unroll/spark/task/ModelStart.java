// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.train.ParamGrowth;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.store.SavedModel;

/**
 * A model whose parameters a training starts from. The optimiser and the learning rate begin anew,
 * so this is another training than one of more epochs.
 *
 * @param path where the model is, as it was given
 * @param growth how much the model may grow; null for a training of the same tokens and labels
 */
public record ModelStart(String path, SavedModel model, Growth growth) implements Start {
  /** The name that options and files have for it. */
  public static final String NAME = "from";

  private static final int MOST_NAMES = 10;
  private static final String LAYERS = "layers";

  /** Makes a start of a training of the same tokens and labels. */
  public ModelStart(String path, SavedModel model) {
    this(path, model, null);
  }

  /** Returns the start of a training whose model may grow; null for another, or for none. */
  static ModelStart growingOrNull(Start start) {
    return start instanceof ModelStart whole && whole.growth != null ? whole : null;
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * Refuses a training of another task.
   *
   * @throws InputException if it is one
   */
  void requireTask(String task) {
    if (!model.config().task().equals(task)) {
      throw new InputException(
          "--from %s is a model of task %s, but this training is of %s."
              .formatted(path, model.config().task(), task));
    }
  }

  /**
   * Refuses a text of another unit or column than that of the language model.
   *
   * @throws InputException if it is one
   */
  void requireText(TrainRequest.Text data) {
    requireTask(LanguageModel.NAME);
    TextSplits.Origin origin = TextSplits.Origin.of(model.config().data(), path);
    requireUnit(origin.unit(), data.unit());
    List<String> columns = data.columns().text();
    if (!columns.isEmpty() && !origin.text().isEmpty()) {
      requireColumns("text", origin.text(), columns);
    }
  }

  /**
   * Refuses rows that are not read as those of the model.
   *
   * @throws InputException if they are such, with both sides
   */
  void requireRows(RowSet rows, TextSplitter splitter) {
    TaskModel.Columns there = TaskModel.of(model).columns();
    requireColumns("text", there.text(), rows.columns().text());
    requireColumns("features", there.features(), rows.columns().features());
    String label = rows.columns().label();
    if (label != null && there.label() != null) {
      requireColumns("label", List.of(there.label()), List.of(label));
    }
    if (!there.text().isEmpty()) {
      requireUnit(there.splitter().name(), splitter.name());
    }
    int channels = there.means() == null ? 0 : there.means().size();
    if (channels != rows.channels()) {
      throw new InputException(
          "--from %s is a model of %s channels, but these rows have %s."
              .formatted(path, channels, rows.channels()));
    }
  }

  private void requireUnit(String there, String here) {
    if (!there.equals(here)) {
      throw new InputException(
          ("--from %s is a model of --unit %s, but this training is of --unit %s: give the unit, and"
                  + " the case, that the model was trained with.")
              .formatted(path, there, here));
    }
  }

  private void requireColumns(String option, List<String> there, List<String> here) {
    if (there.equals(here)) {
      return;
    }
    String problem =
        there.stream()
            .filter(column -> !here.contains(column))
            .findFirst()
            .map("The rows have no column '%s' that is read, which the model reads"::formatted)
            .or(
                () ->
                    here.stream()
                        .filter(column -> !there.contains(column))
                        .findFirst()
                        .map(
                            "The rows have a column '%s', which the model does not read"
                                ::formatted))
            .orElse("The rows have the model's columns in another order");
    throw new InputException(
        "%s (--from %s): --%s is %s there and %s here."
            .formatted(problem, path, option, names(there), names(here)));
  }

  private static String names(List<String> columns) {
    return columns.isEmpty() ? "none" : String.join(",", columns);
  }

  /** Returns the labels of a training, those of the model first, and tells which are gone. */
  Map<String, Long> labels(Map<String, Long> found, Terminal terminal) {
    Map<String, Long> labels = Growth.labels(TaskModel.of(model).columns().labels(), found);
    labels.forEach(
        (label, count) -> {
          if (count == 0) {
            terminal.note(
                "The label '%s' of the model does not occur in the rows to learn."
                    .formatted(label));
          }
        });
    return labels;
  }

  @Override
  public Beginning begin(String task, TrainingData.Facts facts, TrainSpec train) {
    requireTask(task);
    if (growth != null) {
      return new Beginning(grown(facts, train), provenance(facts), describe(facts));
    }
    require("tokens", tokens(model.vocabularies()), tokens(facts.vocabularies()));
    require("tokens to write", tokens(model.target()), tokens(facts.target()));
    require("tokens (--unit)", model.config().data().get("unit"), facts.description().get("unit"));
    require("labels", model.config().data().get("labels"), facts.description().get("labels"));
    require(LAYERS, shapes(model.network()), shapes(new Network(facts.network())));
    return new Beginning(model.params(), provenance(facts), null);
  }

  private float[] grown(TrainingData.Facts facts, TrainSpec train) {
    ParamGrowth growing = new ParamGrowth(model.network(), new Network(facts.network()));
    String difference = growing.differenceOrNull();
    if (difference != null) {
      throw new InputException(
          ("--from %s is a model of another network than this training: %s. Give the options of the"
                  + " network that it was trained with.")
              .formatted(path, difference));
    }
    // Those of a prepared text, whose tokens have their ids already, are no others for a model.
    List<List<String>> here = tokens(facts.vocabularies());
    for (int c = 0; c < here.size(); c++) {
      List<String> there = tokens(model.vocabularies().get(c));
      int known = Math.min(there.size(), here.get(c).size());
      require("tokens", there, here.get(c).subList(0, known));
    }
    return growing.grow(model.params(), growth.rows(), train.init(), train.seed());
  }

  private void require(String what, Object there, Object here) {
    if (!Objects.equals(there, here)) {
      throw new InputException(
          ("--from %s is a model with other %s than this training: give the data and the options"
                  + " of the network that it was trained with, or leave --from out%s.")
              .formatted(
                  path,
                  what,
                  growth == null && !what.equals(LAYERS)
                      ? "; with --new-tokens it learns new ones and new labels"
                      : ""));
    }
  }

  private static List<List<String>> tokens(List<Vocabulary> vocabularies) {
    return vocabularies.stream().map(ModelStart::tokens).toList();
  }

  private static List<String> tokens(Vocabulary vocabulary) {
    return vocabulary == null
        ? List.of()
        : vocabulary.entries().stream().map(Vocabulary.Entry::token).toList();
  }

  private static List<String> shapes(Network network) {
    return network.layout().params().stream().map(p -> p.name() + " " + p.shape()).toList();
  }

  /** Returns what a training knows that the model did not, of its vocabularies together. */
  private List<String> newTokens(TrainingData.Facts facts) {
    List<String> tokens = new ArrayList<>();
    for (int c = 0; c < model.vocabularies().size(); c++) {
      tokens.addAll(behind(model.vocabularies().get(c), facts.vocabularies().get(c)));
    }
    boolean joint =
        facts.network().decoder() != null && facts.network().decoder().sharedEmbedding();
    if (facts.target() != null && !joint) {
      tokens.addAll(behind(model.target(), facts.target()));
    }
    return tokens;
  }

  private static List<String> behind(Vocabulary before, Vocabulary after) {
    List<String> all = tokens(after);
    return all.subList(before.size(), all.size());
  }

  private List<?> newLabels(TrainingData.Facts facts) {
    List<?> there = (List<?>) model.config().data().getOrDefault("labels", List.of());
    List<?> here = (List<?>) facts.description().getOrDefault("labels", List.of());
    return here.subList(there.size(), here.size());
  }

  /** Returns what is new, in a sentence. */
  private String describe(TrainingData.Facts facts) {
    return "Starts from %s with %s and %s."
        .formatted(path, some(newTokens(facts), "new token"), some(newLabels(facts), "new label"));
  }

  private static String some(List<?> names, String noun) {
    String shown =
        names.stream()
            .limit(MOST_NAMES)
            .map(name -> Vocabulary.describe((String) name))
            .collect(Collectors.joining(", "));
    return names.isEmpty()
        ? "no " + noun
        : "%s (%s%s)"
            .formatted(
                Figures.count(names.size(), noun), shown, names.size() > MOST_NAMES ? ", ..." : "");
  }

  /** Returns what {@code config.json} has of it. */
  private Map<String, Object> provenance(TrainingData.Facts facts) {
    Map<String, Object> provenance = Json.fields("path", path, "checksum", model.checksum());
    if (growth != null) {
      provenance.put("new_tokens", newTokens(facts).size());
      provenance.put("new_labels", newLabels(facts));
    }
    return provenance;
  }
}
