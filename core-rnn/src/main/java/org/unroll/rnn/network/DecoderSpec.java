// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A decoder writes a sequence of tokens, one after the other, about a sequence that an encoder has
 * read: recurrent layers over the tokens written so far, which start from the encoder's last state,
 * and may look at all of its outputs at each step (Sutskever et al. 2014; Bahdanau et al. 2015;
 * Luong et al. 2015).
 *
 * <pre>
 *   x_t = [E(y_t-1) ; o_t-1]     h_t = layers(x_t)     o_t = tanh(W_c [h_t ; c_t])
 *
 *   y_0 = end of the last sequence     c_t = what attention makes of the encoder's outputs for h_t
 * </pre>
 *
 * <p>Without attention {@code o_t} is {@code h_t}; without input feeding {@code x_t} is the token's
 * vector alone. The head makes its scores of {@code o_t}.
 *
 * @param vocabulary V, how many tokens can be written
 * @param end id of the token that ends a sequence, and stands before the first of the next
 * @param embedding E, the width of a token's vector
 * @param sharedEmbedding whether these vectors are those of the first column that the encoder reads
 * @param layers the layers, whose input is x and which read forward; their output dropout is that
 *     of o
 * @param bridge how the state before the first token is made
 * @param attention how the encoder's outputs are looked at, or null for not at all
 * @param inputFeeding whether what was made at a step is read at the next (Luong et al. 2015)
 */
public record DecoderSpec(
    int vocabulary,
    int end,
    int embedding,
    boolean sharedEmbedding,
    RnnSpec layers,
    Bridge bridge,
    Attention.Type attention,
    boolean inputFeeding)
    implements Serializable {

  /** The ways to make a decoder's first state of an encoder's last. */
  public enum Bridge {
    /** It is the same, that of both directions side by side: layer by layer of equal widths. */
    COPY,
    /** It is the tanh of a linear layer over the last outputs of the encoder in each direction. */
    LINEAR,
    /** It is zero, so that all is left to attention. */
    ZERO
  }

  public DecoderSpec {
    Checks.positive("vocabulary of the decoder", vocabulary);
    Checks.positive("embedding of the decoder", embedding);
    if (end < 0 || end >= vocabulary) {
      throw new IllegalArgumentException(
          "the end symbol %s is outside the decoder's vocabulary of %s".formatted(end, vocabulary));
    }
    if (layers == null || bridge == null) {
      throw new IllegalArgumentException("layers and bridge of a decoder must be given");
    }
    if (layers.direction() != Direction.FORWARD) {
      throw new IllegalArgumentException("a decoder writes forward, not " + layers.direction());
    }
    int expected = embedding + (inputFeeding ? layers.outputSize() : 0);
    if (layers.inputSize() != expected) {
      throw new IllegalArgumentException(
          "the decoder's layers read %s numbers a step but are given %s"
              .formatted(layers.inputSize(), expected));
    }
  }

  /** Returns the same decoder with this dropout. */
  public DecoderSpec with(DropoutSpec dropout) {
    return new DecoderSpec(
        vocabulary,
        end,
        embedding,
        sharedEmbedding,
        layers.with(dropout),
        bridge,
        attention,
        inputFeeding);
  }

  /** Returns the same decoder of so many tokens. */
  DecoderSpec with(int tokens) {
    return new DecoderSpec(
        tokens, end, embedding, sharedEmbedding, layers, bridge, attention, inputFeeding);
  }

  /** Returns the width of what the head reads. */
  int outputSize() {
    return layers.outputSize();
  }
}
