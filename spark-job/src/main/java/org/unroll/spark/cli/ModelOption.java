// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.List;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.VectorStore;
import org.unroll.spark.task.TaskModel;
import picocli.CommandLine.Option;

/** The option that names a model, or word vectors, that were learnt before. */
final class ModelOption {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Folder of the model, on any Hadoop file system; registry:DIR/NAME@VERSION is one of a"
              + " registry, by its number or an alias (default: champion).")
  String model;

  /**
   * Reads the model.
   *
   * @throws InputException if no model is named, or it cannot be read
   */
  TaskModel read() {
    OptionRules.require(
        model, "--model is missing: name the folder that train wrote, as in --model work/model.");
    return TaskModel.of(ModelStore.read(model));
  }

  /** The option that names word vectors. */
  static final class Vectors {
    private static final int SPELLINGS = 5;

    @Option(
        names = "--model",
        paramLabel = "PATH",
        description =
            "The vectors: a folder that embed or train wrote, also as registry:DIR/NAME@VERSION, or a"
                + " file of word2vec (text or binary) or GloVe, .gz too.")
    String model;

    /** Returns the vectors. */
    WordVectors read() {
      OptionRules.require(
          model,
          "--model is missing: name the folder that embed wrote or a file of word vectors, as in"
              + " --model work/vectors.");
      return VectorStore.read(model);
    }

    /**
     * Checks that a word has a vector of its own, not that of unknown ones.
     *
     * @throws InputException if it has none, with words that are spelt nearly so
     */
    void requireKnown(String word, Vocabulary vocabulary) {
      if (vocabulary.contains(word)) {
        return;
      }
      List<String> tokens =
          vocabulary.entries().stream().map(Vocabulary.Entry::token).distinct().toList();
      List<String> near = Nearest.some(word, tokens, SPELLINGS);
      throw new InputException(
          "There is no vector for '%s' among the %s words of %s%s"
              .formatted(
                  word,
                  vocabulary.size(),
                  model,
                  near.isEmpty() ? "." : "; spelt nearly so: " + String.join(", ", near) + "."));
    }
  }
}
