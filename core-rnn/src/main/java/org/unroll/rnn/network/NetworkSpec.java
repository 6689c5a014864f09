// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import java.util.List;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A specification is a network without its numbers: what it reads, the recurrent layers, and what
 * is made of their outputs. Every task is such a composition; it is what {@code config.json} holds
 * of a network.
 *
 * <pre>
 *   inputs -&gt; encoder -&gt; [pooling] -&gt; head
 *   inputs -&gt; encoder -&gt; decoder   -&gt; head
 * </pre>
 *
 * @param inputs what it sees of every step
 * @param encoder the recurrent layers, whose input is as wide as the inputs; null if a decoder
 *     looks at the inputs themselves, as at the regions of an image
 * @param decoder what writes a sequence about what was read; null if the head answers for that
 * @param learnedState whether the encoder's state before the first step is a parameter instead of
 *     zero; not with a decoder
 * @param pooling how a sequence's vector is made; null if the head does not answer for sequences
 * @param head what the answers are
 */
public record NetworkSpec(
    InputSpec inputs,
    RnnSpec encoder,
    DecoderSpec decoder,
    boolean learnedState,
    Pooling.Type pooling,
    HeadSpec head)
    implements Serializable {

  public NetworkSpec {
    if (inputs == null || head == null || encoder == null && decoder == null) {
      throw new IllegalArgumentException("inputs, head, and an encoder or a decoder must be given");
    }
    if (encoder != null && encoder.inputSize() != inputs.width()) {
      throw new IllegalArgumentException(
          "the encoder reads %s numbers a step but the inputs have %s"
              .formatted(encoder.inputSize(), inputs.width()));
    }
    if (head.target() == Target.SEQUENCE && pooling == null) {
      throw new IllegalArgumentException("a head that answers for sequences needs a pooling");
    }
    if (head.target() != Target.SEQUENCE && pooling != null) {
      throw new IllegalArgumentException(
          "pooling " + pooling + " leaves no steps, but the head answers for each");
    }
    if (decoder != null && learnedState) {
      throw new IllegalArgumentException(
          "a network that writes reads whole rows, whose first state is zero and none that is learned");
    }
    if (decoder != null) {
      requireWriting(inputs, encoder, decoder, head);
    } else if (head instanceof HeadSpec.Vocabulary vocabulary) {
      requireLanguage(inputs, encoder, vocabulary);
    }
    if (head instanceof HeadSpec.Vocabulary vocabulary) {
      vocabulary.requireWidth(headInput(encoder, decoder));
    }
  }

  private static void requireLanguage(InputSpec inputs, RnnSpec encoder, HeadSpec.Vocabulary head) {
    if (encoder.direction() != Direction.FORWARD) {
      throw new IllegalArgumentException(
          "a network that reads " + encoder.direction() + " has seen the token it is to predict");
    }
    if (head.tied() && !isTieable(inputs.columns(), encoder.lastSize(), head.tokens())) {
      throw new IllegalArgumentException(
          ("tied weights need an embedding of the %s tokens, as wide as the last layer,"
                  + " whose width is %s")
              .formatted(head.tokens(), encoder.lastSize()));
    }
    if (head.tied() && !inputs.columns().get(0).trainable()) {
      throw new IllegalArgumentException(
          "a frozen embedding cannot be tied to the output layer, which is learned");
    }
  }

  private static void requireWriting(
      InputSpec inputs, RnnSpec encoder, DecoderSpec decoder, HeadSpec head) {
    if (!(head instanceof HeadSpec.Vocabulary words) || words.tokens() != decoder.vocabulary()) {
      throw new IllegalArgumentException(
          "a decoder of %s tokens needs a head over this vocabulary"
              .formatted(decoder.vocabulary()));
    }
    if (words.tied() && decoder.embedding() != decoder.outputSize()) {
      throw new IllegalArgumentException(
          "tied weights need token vectors as wide as the decoder's last layer, %s, but theirs is %s"
              .formatted(decoder.outputSize(), decoder.embedding()));
    }
    if (decoder.sharedEmbedding()
        && !isTieable(inputs.columns(), decoder.embedding(), decoder.vocabulary())) {
      throw new IllegalArgumentException(
          "a shared embedding needs a first column of the decoder's %s tokens with vectors of %s"
              .formatted(decoder.vocabulary(), decoder.embedding()));
    }
    if (decoder.attention() == Attention.Type.DOT
        && decoder.outputSize() != readSize(inputs, encoder)) {
      throw new IllegalArgumentException(
          "attention by dot products needs equal widths, but the encoder's is %s and the decoder's %s"
              .formatted(readSize(inputs, encoder), decoder.outputSize()));
    }
    if (encoder == null && decoder.bridge() == DecoderSpec.Bridge.COPY) {
      throw new IllegalArgumentException("without an encoder there is no state to copy");
    }
    if (decoder.bridge() == DecoderSpec.Bridge.COPY && !isCopied(encoder, decoder.layers())) {
      throw new IllegalArgumentException(
          ("a state can be copied between equal cells, as many layers and equal widths: the encoder"
                  + " has %s layers of %s %s in all directions, the decoder %s of %s %s")
              .formatted(
                  encoder.layers(),
                  encoder.outputSize(),
                  encoder.cell(),
                  decoder.layers().layers(),
                  decoder.outputSize(),
                  decoder.layers().cell()));
    }
  }

  private static boolean isCopied(RnnSpec encoder, RnnSpec decoder) {
    int directions = encoder.direction().count();
    return encoder.cell().stateSlots() == decoder.cell().stateSlots()
        && encoder.layers() == decoder.layers()
        && directions * encoder.hiddenSize() == decoder.hiddenSize()
        && directions * encoder.lastSize() == decoder.lastSize();
  }

  private static boolean isTieable(List<InputSpec.TokenColumn> columns, int width, int vocabulary) {
    return !columns.isEmpty()
        && columns.get(0).vocabulary() == vocabulary
        && columns.get(0).embedding() == width;
  }

  /** Returns the network of zero initial state that makes an answer for every sequence or step. */
  public static NetworkSpec of(
      InputSpec inputs, RnnSpec encoder, Pooling.Type pooling, HeadSpec head) {
    return new NetworkSpec(inputs, encoder, null, false, pooling, head);
  }

  /**
   * Returns a language model over one column of tokens: embedding, recurrent layers, softmax over
   * the vocabulary.
   *
   * @param encoder the layers, whose input is as wide as a token's vector
   * @param tied whether the output layer shares the embedding's matrix (Press and Wolf 2017)
   * @param bias whether the output layer has a bias
   */
  public static NetworkSpec languageModel(
      int vocabulary, RnnSpec encoder, boolean tied, boolean bias, boolean learnedState) {
    return new NetworkSpec(
        InputSpec.ofTokens(vocabulary, encoder.inputSize()),
        encoder,
        null,
        learnedState,
        null,
        new HeadSpec.Vocabulary(vocabulary, tied, bias));
  }

  /**
   * Returns the same network over as many tokens, characters, labels and tokens to write as another
   * has, where both have such.
   */
  public NetworkSpec withSizesOf(NetworkSpec other) {
    return new NetworkSpec(
        inputs.withSizesOf(other.inputs),
        encoder,
        decoder == null || other.decoder == null
            ? decoder
            : decoder.with(other.decoder.vocabulary()),
        learnedState,
        pooling,
        head.withSizeOf(other.head));
  }

  /** Returns W, the width of what was made of a step of what is read. */
  int readSize() {
    return readSize(inputs, encoder);
  }

  private static int readSize(InputSpec inputs, RnnSpec encoder) {
    return encoder == null ? inputs.width() : encoder.outputSize();
  }

  /** Returns the width of what the head reads of a step. */
  int headInput() {
    return headInput(encoder, decoder);
  }

  private static int headInput(RnnSpec encoder, DecoderSpec decoder) {
    return decoder == null ? encoder.outputSize() : decoder.outputSize();
  }

  /** Returns what the examples of this network have. */
  public Batch.Shape batchShape() {
    return new Batch.Shape(
        inputs.columns().size(),
        inputs.words() != null,
        inputs.features(),
        decoder == null ? head.target() : Target.WRITTEN,
        head.values());
  }
}
