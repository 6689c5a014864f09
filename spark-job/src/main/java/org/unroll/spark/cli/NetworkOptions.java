// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.List;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.AdaptiveSoftmax;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.spark.store.VectorStore;
import org.unroll.spark.task.EmbeddingStart;
import org.unroll.spark.task.NetworkChoice;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of the network, whatever it learns. */
@OptionRule.Group("Network")
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

  @Option(names = "--cell", description = "rnn (Elman), lstm or gru.")
  Cell cell = Cell.LSTM;

  @Option(
      names = "--nonlinearity",
      paramLabel = "FUNCTION",
      description = "Of --cell rnn: tanh or relu (default: tanh).")
  @OptionRule(needs = "--cell=rnn")
  Nonlinearity nonlinearity;

  @Option(names = "--layers", description = "Recurrent layers on top of each other.")
  @Range(min = 1)
  int layers = 2;

  @Option(names = "--hidden", paramLabel = "UNITS", description = "Width of each recurrent layer.")
  @Range(min = 1)
  int hidden = 128;

  @Option(
      names = "--embedding",
      paramLabel = "UNITS",
      description = "Width of a token's vector (default: that of --hidden).")
  @Range(min = 1)
  Integer embedding;

  @Option(
      names = "--tied",
      description =
          "Of lm, translate, caption and execute: share one matrix between output and embedding of"
              + " what is written; the last layer is then as wide as the embedding (default: two"
              + " matrices).")
  @OptionRule(tasks = {TaskName.LM, TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
  boolean tied;

  @Option(
      names = "--adaptive",
      split = ",",
      paramLabel = "CUTOFFS",
      description =
          "Of lm, translate, caption and execute: for a large vocabulary, such as 2000,10000: the"
              + " most frequent tokens up to the first number have scores of their own, the rarer"
              + " ones are told in clusters that begin there, of ever narrower vectors (default: all"
              + " tokens at once).")
  @Range(min = 1)
  @OptionRule(
      tasks = {TaskName.LM, TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE},
      notWith = {"--tied", "--label-smoothing"},
      why = "do not go together, since no one matrix has the scores of all tokens")
  List<Integer> adaptive = List.of();

  @Option(
      names = "--adaptive-div",
      paramLabel = "TIMES",
      description =
          "Of --adaptive: how many times narrower the vectors for a cluster are than those for the"
              + " one before, and those for the first than the last layer is wide.")
  @Range(min = 1)
  @OptionRule(
      tasks = {TaskName.LM, TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE},
      needs = "--adaptive")
  int adaptiveDiv = HeadSpec.Vocabulary.DIVISOR;

  @Option(names = "--no-bias", description = "Layers without biases (default: with biases).")
  boolean noBias;

  @Option(
      names = "--bidirectional",
      description = "Read from both ends, each with --hidden units (default: from the start).")
  @OptionRule(
      notTasks = {TaskName.LM, TaskName.STATE},
      notWith = "--reverse",
      why = "name two directions to read in")
  boolean bidirectional;

  @Option(
      names = "--reverse",
      description = "Read from the end to the start (default: from the start).")
  @OptionRule(notTasks = {TaskName.LM, TaskName.STATE})
  boolean reverse;

  @Option(
      names = "--pooling",
      description = "How a sequence's vector is made of its steps: last, mean, max or attention.")
  @OptionRule(tasks = {TaskName.CLASSIFY, TaskName.FORECAST})
  Pooling.Type pooling = Pooling.Type.LAST;

  @Option(
      names = "--residual",
      description = "Every layer but the first adds its input to its output (default: no).")
  boolean residual;

  @Option(
      names = "--layer-norm",
      description = "Normalise the output of every layer (default: no).")
  boolean layerNorm;

  @Option(
      names = "--dropout",
      paramLabel = "PROBABILITY",
      description = "Of zeroing an element on the connections that are not recurrent, in training.")
  @Range(max = 1, below = true)
  double dropout = 0;

  @Option(
      names = "--locked-dropout",
      arity = "0..1",
      fallbackValue = "0",
      paramLabel = "PROBABILITY",
      description =
          "As --dropout, of which the same elements are zeroed at all steps; without a number, that"
              + " of --dropout (default: drawn anew).")
  @Range(max = 1, below = true)
  Double lockedDropout;

  @Option(
      names = "--word-dropout",
      paramLabel = "PROBABILITY",
      description = "Of dropping a token's vector in training.")
  @Range(max = 1, below = true)
  double wordDropout = 0;

  @Option(
      names = "--weight-drop",
      paramLabel = "PROBABILITY",
      description = "Of dropping an element of the recurrent matrices in training.")
  @Range(max = 1, below = true)
  double weightDrop = 0;

  @Option(
      names = "--column-embedding",
      paramLabel = "UNITS",
      description = "Width of the vectors of further columns of tokens.")
  @Range(min = 1)
  @OptionRule(notTasks = TaskName.LM)
  int columnEmbedding = 16;

  @Option(
      names = "--char-embedding",
      paramLabel = "UNITS",
      description =
          "Read the words of the first column by their characters too, with vectors of this width;"
              + " 0 not to.")
  @Range
  @OptionRule(notTasks = {TaskName.LM, TaskName.STATE})
  int charEmbedding = 0;

  @Option(
      names = "--char-hidden",
      paramLabel = "UNITS",
      description =
          "Of --char-embedding: width of the layer that reads characters, in each direction.")
  @Range(min = 1)
  @OptionRule(
      notTasks = {TaskName.LM, TaskName.STATE},
      needs = "--char-embedding")
  int charHidden = 32;

  @Option(
      names = "--embeddings",
      paramLabel = "PATH",
      description =
          "Start the embedding from these: a folder that embed or train wrote, or a file of word2vec"
              + " or GloVe, .gz too (default: none).")
  @OptionRule(
      tasks = {TaskName.LM, TaskName.CLASSIFY, TaskName.TAG},
      setting = false)
  String embeddings;

  @Option(
      names = "--freeze-embeddings",
      description = "Of --embeddings: leave the embedding as it starts (default: learn on).")
  @OptionRule(
      tasks = {TaskName.LM, TaskName.CLASSIFY, TaskName.TAG},
      needs = "--embeddings",
      notWith = "--tied",
      why =
          "do not go together, since the output layer, which has to learn, is then the same matrix")
  boolean freeze;

  @Mixin DecoderOptions decoder = new DecoderOptions();

  /**
   * Reads the vectors that the embedding starts from, and fills in what was not said and follows
   * from the rest.
   *
   * @param task what is learnt
   * @return the vectors, or null if none are asked for
   * @throws InputException if they have another width than the one asked for, or options do not go
   *     together or make no sense
   */
  EmbeddingStart complete(TaskName task) {
    if (cell == Cell.RNN && nonlinearity == null) {
      nonlinearity = Nonlinearity.TANH;
    }
    if (lockedDropout != null) {
      lockDropout();
    }
    EmbeddingStart start = embeddings == null ? null : start(VectorStore.read(embeddings));
    if (embedding == null) {
      embedding = hidden;
    }
    decoder.complete(this);
    requireCutoffs(task);
    if (task.writes()) {
      decoder.check(this);
    } else if (residual && tied && layers > 1 && embedding != hidden) {
      throw new InputException(
          ("--residual needs layers that are equally wide, but with --tied the last is as"
                  + " wide as the embedding, which is %s, and --hidden is %s: make them equal, or"
                  + " leave one of --residual and --tied out.")
              .formatted(embedding, hidden));
    }
    return start;
  }

  private void lockDropout() {
    if (lockedDropout == 0) {
      lockedDropout = dropout;
    } else if (dropout > 0 && dropout != lockedDropout) {
      throw new InputException(
          ("--dropout is %s and --locked-dropout %s, but there is one probability: leave one"
                  + " of them out, or the number behind --locked-dropout.")
              .formatted(dropout, lockedDropout));
    }
    dropout = lockedDropout;
  }

  private void requireCutoffs(TaskName task) {
    for (int i = 1; i < adaptive.size(); i++) {
      if (adaptive.get(i) <= adaptive.get(i - 1)) {
        throw new InputException(
            "--adaptive has %s behind %s: give the numbers in ascending order."
                .formatted(adaptive.get(i), adaptive.get(i - 1)));
      }
    }
    int width = task.writes() ? decoder.hidden : hidden;
    if (AdaptiveSoftmax.tailWidth(width, adaptiveDiv, adaptive.size() - 1) == 0) {
      throw new InputException(
          ("--adaptive asks for %s clusters, each of vectors %s times as narrow as before, which"
                  + " leaves nothing of --%s %s: give fewer numbers, a smaller --adaptive-div, or a"
                  + " larger width.")
              .formatted(
                  adaptive.size(),
                  adaptiveDiv,
                  task.writes() ? "decoder-hidden" : "hidden",
                  width));
    }
  }

  private EmbeddingStart start(WordVectors vectors) {
    if (embedding != null && embedding != vectors.size()) {
      throw new InputException(
          ("--embedding is %s, but the vectors of %s have %s numbers: leave --embedding out,"
                  + " or give other vectors.")
              .formatted(embedding, embeddings, vectors.size()));
    }
    embedding = vectors.size();
    return new EmbeddingStart(embeddings, vectors, freeze);
  }

  /** Returns the network, once its options are complete, with what a task says of it. */
  NetworkChoice choice(TaskName task, TaskOptions own) {
    RnnSpec rnn =
        new RnnSpec(
            cellType(),
            embedding,
            hidden,
            layers,
            tied && !task.writes() ? embedding : hidden,
            !noBias,
            bidirectional ? Direction.BOTH : reverse ? Direction.REVERSE : Direction.FORWARD,
            residual,
            layerNorm,
            new DropoutSpec(
                wordDropout, dropout, dropout, dropout, weightDrop, lockedDropout != null));
    return new NetworkChoice(
        rnn,
        columnEmbedding,
        tied,
        adaptive,
        adaptiveDiv,
        pooling,
        charEmbedding,
        charHidden,
        own.head == TaskOptions.Head.CRF,
        own.labelSmoothing,
        own.classWeights == TaskOptions.ClassWeights.BALANCED,
        decoder.choice(),
        own.search.search());
  }

  private CellType cellType() {
    return switch (cell) {
      case RNN -> nonlinearity == Nonlinearity.RELU ? CellType.RNN_RELU : CellType.RNN_TANH;
      case LSTM -> CellType.LSTM;
      case GRU -> CellType.GRU;
    };
  }
}
