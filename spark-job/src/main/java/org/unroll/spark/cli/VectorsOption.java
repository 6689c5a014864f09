// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.VectorStore;
import picocli.CommandLine.Option;

/** Word vectors that were learnt before. */
final class VectorsOption {
  @Option(
      names = "--model",
      paramLabel = "PATH",
      description =
          "The vectors: a folder that embed or train wrote, or a file of word2vec (text or binary)"
              + " or GloVe, .gz too.")
  String model;

  WordVectors read() {
    if (model == null) {
      throw new InputException(
          "--model is missing: name the folder that embed wrote or a file of word vectors, as in"
              + " --model work/vectors.");
    }
    return VectorStore.read(model);
  }
}
