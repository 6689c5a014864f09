// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.VectorStore;
import org.unroll.spark.task.EmbeddingStart;
import picocli.CommandLine.Option;

/** Word vectors to start from. */
@Heading("Word vectors")
final class EmbeddingOptions {
  @Option(
      names = "--embeddings",
      paramLabel = "PATH",
      description =
          "Start the embedding from these: a folder that embed or train wrote, or a file of word2vec"
              + " or GloVe, .gz too (default: none).")
  String embeddings;

  @Option(
      names = "--freeze-embeddings",
      description = "Of --embeddings: leave the embedding as it starts (default: learn on).")
  @GivesWay(to = "--tied")
  boolean freeze;

  /**
   * Reads the vectors, and makes the network's embedding as wide as they are.
   *
   * @return null if none are asked for
   * @throws InputException if another width is asked for
   */
  EmbeddingStart read(NetworkOptions network) {
    if (freeze && embeddings == null) {
      throw new InputException(
          "--freeze-embeddings needs vectors that are worth keeping: name them with --embeddings.");
    }
    if (freeze && network.tied) {
      throw new InputException(
          "--freeze-embeddings does not go with --tied, where the output layer, which has to learn,"
              + " is the same matrix: leave one of them out.");
    }
    if (embeddings == null) {
      return null;
    }
    WordVectors vectors = VectorStore.read(embeddings);
    if (network.embedding != null && network.embedding != vectors.size()) {
      throw new InputException(
          "--embedding is "
              + network.embedding
              + ", but the vectors of "
              + embeddings
              + " have "
              + vectors.size()
              + " numbers: leave --embedding out, or give other vectors.");
    }
    network.embedding = vectors.size();
    return new EmbeddingStart(embeddings, vectors);
  }
}
