// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Network;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.SavedModel;

/**
 * A model whose parameters a training starts from. The optimiser and the learning rate begin anew,
 * so this is another training than one of more epochs.
 *
 * @param path where the model is, as it was given
 */
public record ModelStart(String path, SavedModel model) {
  /** The name that options and files have for it. */
  public static final String NAME = "from";

  /**
   * Returns the starting parameters of a training.
   *
   * @throws InputException if the model's stand for something else than those of the training
   */
  float[] params(String task, TrainingData.Facts facts) {
    if (!model.config().task().equals(task)) {
      throw new InputException(
          "--from %s is a model of task %s, but this training is of %s."
              .formatted(path, model.config().task(), task));
    }
    require("tokens", tokens(model.vocabularies()), tokens(facts.vocabularies()));
    require("tokens to write", tokens(model.target()), tokens(facts.target()));
    require("tokens (--unit)", model.config().data().get("unit"), facts.description().get("unit"));
    require("labels", model.config().data().get("labels"), facts.description().get("labels"));
    require("layers", shapes(model.network()), shapes(new Network(facts.network())));
    return model.params();
  }

  private void require(String what, Object there, Object here) {
    if (!Objects.equals(there, here)) {
      throw new InputException(
          ("--from %s is a model with other %s than this training: give the data and the options"
                  + " of the network that it was trained with, or leave --from out.")
              .formatted(path, what));
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

  /** Returns what {@code config.json} has of it. */
  Map<String, Object> provenance() {
    return Json.fields("path", path, "checksum", model.checksum());
  }
}
