// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.PoolingType;
import org.unroll.rnn.network.ReaderSpec;
import org.unroll.rnn.network.TokenColumn;
import org.unroll.rnn.network.WordSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.EncoderSpec;

/**
 * The network of a task, as far as it does not depend on the data.
 *
 * @param embedding width of a token's vector in the first column
 * @param otherEmbedding and in the other columns
 * @param hidden width of a layer in one direction
 * @param pooling for tasks that answer once for a sequence
 * @param characterEmbedding width of a character's vector; 0 to leave the characters alone
 * @param characterHidden width of what reads them, in each direction
 * @param crf whether labels of steps are scored together
 * @param smoothing of labels
 * @param balanced whether rare classes weigh more
 * @param beam prefixes that are followed where labels are not aligned
 */
public record ReadingNetwork(
    CellType cell,
    int embedding,
    int otherEmbedding,
    int layers,
    int hidden,
    boolean bias,
    Direction direction,
    boolean residual,
    boolean layerNorm,
    DropoutSpec dropout,
    PoolingType pooling,
    int characterEmbedding,
    int characterHidden,
    boolean crf,
    double smoothing,
    boolean balanced,
    int beam) {

  /**
   * The specification for some data.
   *
   * @param labels how often each occurs, in the order of their ids
   * @param frozen whether the vectors of the first column stay as they start
   */
  ReaderSpec spec(RowEncoder encoder, Map<String, Long> labels, int features, boolean frozen) {
    List<TokenColumn> columns = new ArrayList<>();
    for (Vocabulary vocabulary : encoder.vocabularies()) {
      boolean first = columns.isEmpty();
      int width = first ? embedding : otherEmbedding;
      columns.add(new TokenColumn(vocabulary.size(), width, !(first && frozen)));
    }
    WordSpec words =
        encoder.characters() == null
            ? null
            : new WordSpec(
                encoder.characters().size(),
                characterEmbedding,
                CellType.LSTM,
                characterHidden,
                PoolingType.MAX);
    InputSpec inputs = new InputSpec(columns, features, words);
    EncoderSpec layersSpec =
        new EncoderSpec(
            cell, inputs.width(), hidden, layers, bias, direction, residual, layerNorm, dropout);
    HeadSpec head = encoder.task().head(encoder, new HeadChoice(crf, smoothing, weights(labels)));
    return new ReaderSpec(
        inputs, layersSpec, head.target() == Target.SEQUENCE ? pooling : null, head);
  }

  /** Of each class n / (C n_c), so that all classes weigh the same in total. */
  private List<Double> weights(Map<String, Long> labels) {
    if (!balanced) {
      return null;
    }
    double all = labels.values().stream().mapToLong(Long::longValue).sum();
    return labels.values().stream().map(count -> all / (labels.size() * (double) count)).toList();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** In words. */
  String describe() {
    return lower(cell).toUpperCase(Locale.ROOT)
        + ", "
        + layers
        + (layers == 1 ? " layer of " : " layers of ")
        + hidden
        + (direction == Direction.BOTH ? " units in both directions" : " units");
  }
}
