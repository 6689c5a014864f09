// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.nn.CellType;
import picocli.CommandLine.Option;

/** The shape of the network. */
@Heading("Network")
final class NetworkOptions {
  /** The families of cells; an Elman cell has a nonlinearity to choose. */
  enum Cell {
    RNN,
    LSTM,
    GRU
  }

  /** The nonlinearities of an Elman cell. */
  enum Nonlinearity {
    TANH,
    RELU
  }

  @Option(
      names = "--cell",
      defaultValue = "lstm",
      paramLabel = "CELL",
      description = "rnn (Elman), lstm or gru (default: ${DEFAULT-VALUE}).")
  Cell cell;

  @Option(
      names = "--nonlinearity",
      paramLabel = "FUNCTION",
      description = "Of --cell rnn: tanh or relu (default: tanh).")
  @GivesWay(to = {"--cell=lstm", "--cell=gru"})
  Nonlinearity nonlinearity;

  @Option(
      names = "--layers",
      defaultValue = "2",
      paramLabel = "LAYERS",
      description = "Recurrent layers on top of each other (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int layers;

  @Option(
      names = "--hidden",
      defaultValue = "128",
      paramLabel = "UNITS",
      description = "Width of each recurrent layer (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int hidden;

  @Option(
      names = "--embedding",
      paramLabel = "UNITS",
      description = "Width of a token's vector (default: that of --hidden).")
  @Range(min = 1)
  Integer embedding;

  @Option(
      names = "--dropout",
      defaultValue = "0",
      paramLabel = "PROBABILITY",
      description =
          "Of zeroing an element on the connections that are not recurrent, in training"
              + " (default: ${DEFAULT-VALUE}).")
  @Range(max = 1, below = true)
  double dropout;

  @Option(
      names = "--tied",
      description = "Share one matrix between embedding and output (default: two matrices).")
  @GivesWay(to = "--freeze-embeddings")
  boolean tied;

  @Option(names = "--no-bias", description = "Layers without biases (default: with biases).")
  boolean noBias;

  void check() {
    if (nonlinearity != null && cell != Cell.RNN) {
      throw new InputException(
          "--nonlinearity "
              + LowerCaseEnum.name(nonlinearity)
              + " does not go with --cell "
              + LowerCaseEnum.name(cell)
              + ", whose nonlinearities are fixed: leave it out, or use --cell rnn.");
    }
    if (tied && embeddingWidth() != hidden) {
      throw new InputException(
          "--tied needs an embedding as wide as the hidden layer, but --embedding is "
              + embedding
              + " and --hidden is "
              + hidden
              + ": make them equal, or leave --tied out.");
    }
  }

  /** The model over a vocabulary of this size. */
  ModelSpec model(int vocabulary, boolean learnedState) {
    return new ModelSpec(
        vocabulary,
        embeddingWidth(),
        cellType(),
        layers,
        hidden,
        !noBias,
        dropout,
        tied,
        learnedState);
  }

  int embeddingWidth() {
    return embedding == null ? hidden : embedding;
  }

  CellType cellType() {
    return switch (cell) {
      case RNN -> nonlinearity == Nonlinearity.RELU ? CellType.RNN_RELU : CellType.RNN_TANH;
      case LSTM -> CellType.LSTM;
      case GRU -> CellType.GRU;
    };
  }
}
