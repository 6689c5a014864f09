// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.nn.Attention;
import org.unroll.spark.task.NetworkChoice;
import picocli.CommandLine.Option;

/** The options of what writes, in the tasks that write a text about what was read. */
@OptionRule.Group(
    value = "Decoder",
    tasks = {TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
final class DecoderOptions {
  /** The ways to look at what was read. */
  enum Look {
    NONE,
    ADDITIVE,
    DOT,
    GENERAL
  }

  @Option(
      names = "--attention",
      description =
          "Of translate, caption and execute: how each step that was read is scored when a token is"
              + " written: additive (Bahdanau et al. 2015), dot or general (Luong et al. 2015), or"
              + " none, which leaves the last state.")
  Look attention = Look.GENERAL;

  @Option(
      names = "--no-input-feeding",
      description =
          "Of --attention: what was made of it at a step is not read at the next (default: it is).")
  @OptionRule(notWith = "--attention=none", why = "do not go together, since nothing is made of it")
  boolean noInputFeeding;

  @Option(
      names = "--bridge",
      description =
          "Of translate, caption and execute: what the first state is made of: copy (the last state"
              + " of the layers that read), linear (a layer over it) or zero (nothing).")
  DecoderSpec.Bridge bridge = DecoderSpec.Bridge.LINEAR;

  @Option(
      names = "--no-encoder",
      description =
          "Of translate, caption and execute: look at what is given itself, such as the regions of a"
              + " picture, instead of what recurrent layers make of it; the first state is then made"
              + " of its mean (default: layers read it).")
  @OptionRule(
      notWith = {"--bidirectional", "--reverse", "--bridge=copy"},
      why = "do not go together, since nothing reads")
  boolean noEncoder;

  @Option(
      names = "--decoder-layers",
      paramLabel = "LAYERS",
      description =
          "Of translate, caption and execute: recurrent layers that write (default: that of"
              + " --layers).")
  @Range(min = 1)
  Integer layers;

  @Option(
      names = "--decoder-hidden",
      paramLabel = "UNITS",
      description =
          "Of translate, caption and execute: width of the layers that write (default: that of"
              + " --hidden; twice that with --bidirectional and --bridge copy or --attention dot).")
  @Range(min = 1)
  Integer hidden;

  @Option(
      names = "--target-embedding",
      paramLabel = "UNITS",
      description =
          "Of translate, caption and execute: width of the vectors of what is written (default: that"
              + " of --embedding).")
  @Range(min = 1)
  Integer embedding;

  @Option(
      names = "--joint",
      description =
          "Of translate and execute: one vocabulary, and one vector a token, for what is read and"
              + " what is written (default: one for each).")
  @OptionRule(tasks = {TaskName.TRANSLATE, TaskName.EXECUTE})
  boolean joint;

  /** Fills in what was not said and follows from the options of what reads. */
  void complete(NetworkOptions reading) {
    layers = layers == null ? reading.layers : layers;
    embedding = embedding == null ? reading.embedding : embedding;
    boolean same = bridge == DecoderSpec.Bridge.COPY || attention == Look.DOT;
    if (hidden == null) {
      hidden = reading.bidirectional && same ? 2 * reading.hidden : reading.hidden;
    }
  }

  /**
   * Checks what no rule says, for a task that writes.
   *
   * @throws InputException if widths do not go together
   */
  void check(NetworkOptions reading) {
    if (joint && !embedding.equals(reading.embedding)) {
      throw new InputException(
          ("--joint has one vector for each token, but --embedding is %s and --target-embedding %s:"
                  + " make them equal, or leave one of them out.")
              .formatted(reading.embedding, embedding));
    }
    if (reading.residual && reading.tied && layers > 1 && !embedding.equals(hidden)) {
      throw new InputException(
          ("--residual needs layers that are equally wide, but with --tied the last that writes is as"
                  + " wide as --target-embedding, which is %s, and --decoder-hidden is %s: make them"
                  + " equal, or leave one of --residual and --tied out.")
              .formatted(embedding, hidden));
    }
  }

  /** Returns the decoder, once its options are complete. */
  NetworkChoice.Decoder choice() {
    return new NetworkChoice.Decoder(
        embedding,
        hidden,
        layers,
        bridge,
        attention == Look.NONE ? null : Attention.Type.valueOf(attention.name()),
        !noInputFeeding,
        joint,
        !noEncoder);
  }
}
