// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.Transfer;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.SavedModel;

/**
 * A model of any task, of which a training takes the parts that fit its network, such as the
 * vectors and layers of a language model for a classifier. What does not fit is drawn.
 *
 * @param path where the model is, as it was given
 */
public record PartsStart(String path, SavedModel model) implements Start {
  /** The name that options and files have for it. */
  public static final String NAME = "start";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Beginning begin(String task, TrainingData.Facts facts, TrainSpec train) {
    Transfer transfer =
        new Transfer(
            model.network(),
            names(model.vocabularies(), model.characters(), model.target(), model.config().data()),
            new Network(facts.network()),
            names(facts.vocabularies(), facts.characters(), facts.target(), facts.description()));
    String difference = transfer.differenceOrNull();
    if (difference != null) {
      throw new InputException(
          ("Nothing of --start %s, a model of task %s, can be taken: %s. Give the options of the"
                  + " network that it was trained with, or leave --start out; the vectors of its"
                  + " tokens alone can be had with --embeddings.")
              .formatted(path, model.config().task(), difference));
    }
    Transfer.Beginning begun = transfer.begin(model.params(), train.init(), train.seed());
    if (begun.taken().isEmpty()) {
      throw new InputException(
          ("Nothing of --start %s, a model of task %s, fits this training: all its matrices have other"
                  + " shapes. Give the options of the network that it was trained with, or leave"
                  + " --start out.")
              .formatted(path, model.config().task()));
    }
    return new Beginning(begun.params(), provenance(begun), describe(begun));
  }

  private static Transfer.Names names(
      List<Vocabulary> columns,
      Vocabulary characters,
      Vocabulary target,
      Map<String, Object> data) {
    Object labels = data.get("labels");
    return new Transfer.Names(
        columns.stream().map(PartsStart::tokens).toList(),
        characters == null ? null : tokens(characters),
        target == null ? null : tokens(target),
        labels instanceof List<?> list ? list.stream().map(String::valueOf).toList() : null);
  }

  private static List<String> tokens(Vocabulary vocabulary) {
    return vocabulary.entries().stream().map(Vocabulary.Entry::token).toList();
  }

  private String describe(Transfer.Beginning begun) {
    List<String> taken = new ArrayList<>();
    begun
        .taken()
        .forEach(
            (part, rows) ->
                taken.add(
                    rows.areAll()
                        ? part
                        : "%s (%s of %s rows)"
                            .formatted(
                                part, Figures.count(rows.taken()), Figures.count(rows.all()))));
    return "Starts from %s, a model of task %s. Taken: %s. Drawn: %s."
        .formatted(
            path,
            model.config().task(),
            String.join(", ", taken),
            begun.drawn().isEmpty() ? "nothing" : String.join(", ", begun.drawn()));
  }

  private Map<String, Object> provenance(Transfer.Beginning begun) {
    Map<String, Object> taken = new LinkedHashMap<>();
    begun
        .taken()
        .forEach(
            (part, rows) -> taken.put(part, Json.fields("rows", rows.taken(), "of", rows.all())));
    return Json.fields(
        "path", path,
        "checksum", model.checksum(),
        "task", model.config().task(),
        "taken", taken,
        "drawn", begun.drawn());
  }
}
