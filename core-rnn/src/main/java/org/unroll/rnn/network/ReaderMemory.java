// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.data.SequenceExample;

/**
 * What the buffers of a {@link ReaderRunner} take of memory, known before a batch is read: every
 * step has its place in them, and with words read by their characters every character.
 */
public final class ReaderMemory {
  /** That sequences may take which are only read, whatever those that are learnt take. */
  public static final long READING = 1L << 28;

  /** Steps of the buffers that are measured; a few, since they are made for that. */
  private static final int SAMPLE = 64;

  private final long stepBytes;
  private final long characterBytes;

  /** Measures a model's buffers. */
  public ReaderMemory(ReaderModel model) {
    long some = ReaderPass.bytes(model, size(SAMPLE, SAMPLE));
    boolean words = model.spec().inputs().words() != null;
    stepBytes = (ReaderPass.bytes(model, size(2 * SAMPLE, SAMPLE)) - some) / SAMPLE;
    characterBytes =
        words ? (ReaderPass.bytes(model, size(SAMPLE, 2 * SAMPLE)) - some) / SAMPLE : 0;
  }

  /** Each step a sequence of its own and each character a word: nothing takes more. */
  private static ReaderPass.Size size(int steps, int characters) {
    return new ReaderPass.Size(steps, steps, steps, characters, characters, characters);
  }

  /** The most bytes that a sequence makes the buffers larger, which are there once for a batch. */
  public long bytes(SequenceExample example) {
    long characters = 0;
    if (characterBytes > 0) {
      for (int[] word : example.characters()) {
        characters += Math.max(1, word.length);
      }
    }
    return Math.max(1, example.steps()) * stepBytes + characters * characterBytes;
  }
}
