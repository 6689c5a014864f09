// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.unroll.rnn.data.Example;

/**
 * The memory that the buffers of a {@link Pass} take is known before a batch is read: every step
 * has its place in them, and with words read by their characters every character.
 */
public final class BatchMemory {
  /** The bytes that sequences may take which are only read, whatever those take that are learnt. */
  public static final long READING = 1L << 28;

  /** The steps of the buffers that are measured: a few, since they are made for that. */
  private static final int SAMPLE = 64;

  private final long stepBytes;
  private final long characterBytes;

  /** Measures the buffers of a network. */
  public BatchMemory(Network network) {
    long some = Pass.bytes(network, size(SAMPLE, SAMPLE));
    boolean words = network.spec().inputs().words() != null;
    stepBytes = (Pass.bytes(network, size(2 * SAMPLE, SAMPLE)) - some) / SAMPLE;
    characterBytes = words ? (Pass.bytes(network, size(SAMPLE, 2 * SAMPLE)) - some) / SAMPLE : 0;
  }

  /**
   * Returns the size where each step is a sequence of its own and each character a word: nothing
   * takes more.
   */
  private static Pass.Size size(int steps, int characters) {
    return new Pass.Size(steps, steps, characters, characters);
  }

  /** Returns the most bytes by which an example makes the buffers of a batch larger. */
  public long bytes(Example example) {
    long characters = 0;
    if (characterBytes > 0) {
      for (int[] word : example.characters()) {
        characters += Math.max(1, word.length);
      }
    }
    return Math.max(1, example.steps()) * stepBytes + characters * characterBytes;
  }
}
