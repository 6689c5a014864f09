// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import org.unroll.rnn.data.BatchShape;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.nn.EncoderSpec;

/**
 * What a reader is, without its numbers: inputs, an encoder, pooling where one answer a sequence is
 * wanted, and a head. Classifying, tagging, forecasting, keeping a state and recognising are all
 * readers.
 *
 * @param inputs what it sees of every step
 * @param encoder the recurrent layers; its input size is the width of the inputs
 * @param pooling how a sequence's vector is made; null if the head does not answer for sequences
 * @param head what the answers are
 */
public record ReaderSpec(InputSpec inputs, EncoderSpec encoder, PoolingType pooling, HeadSpec head)
    implements Serializable {
  public ReaderSpec {
    if (encoder.inputSize() != inputs.width()) {
      throw new IllegalArgumentException(
          "the encoder reads "
              + encoder.inputSize()
              + " numbers a step but the inputs have "
              + inputs.width());
    }
    if (head.target() == Target.SEQUENCE && pooling == null) {
      throw new IllegalArgumentException("a head that answers for sequences needs a pooling");
    }
    if (head.target() != Target.SEQUENCE && pooling != null) {
      throw new IllegalArgumentException(
          "pooling " + pooling + " leaves no steps, but the head answers for each");
    }
  }

  /** What its sequences have. */
  public BatchShape batchShape() {
    return new BatchShape(
        inputs.columns().size(),
        inputs.words() != null,
        inputs.features(),
        head.target(),
        head.values());
  }

  static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be positive but was " + value);
    }
  }
}
