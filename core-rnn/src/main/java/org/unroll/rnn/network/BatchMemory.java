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
  private final long writtenBytes;
  private final long pairBytes;

  /** Measures the buffers of a network. */
  public BatchMemory(Network network) {
    long some = Pass.bytes(network, size(1, 1, 1, 1));
    boolean words = network.spec().inputs().words() != null;
    boolean writes = network.spec().decoder() != null;
    stepBytes = (Pass.bytes(network, size(2, 1, 1, 1)) - some) / SAMPLE;
    characterBytes = words ? (Pass.bytes(network, size(1, 2, 1, 1)) - some) / SAMPLE : 0;
    writtenBytes = writes ? (Pass.bytes(network, size(1, 1, 2, 1)) - some) / SAMPLE : 0;
    pairBytes = writes ? (Pass.bytes(network, size(1, 1, 1, 2)) - some) / SAMPLE : 0;
  }

  /**
   * Returns the size where each step is a sequence of its own and each character a word: nothing
   * takes more. All are told in samples.
   */
  private static Pass.Size size(int steps, int characters, int written, int pairs) {
    return new Pass.Size(
        steps * SAMPLE,
        steps * SAMPLE,
        characters * SAMPLE,
        characters * SAMPLE,
        written * SAMPLE,
        pairs * SAMPLE,
        0);
  }

  /** Returns the most bytes by which an example makes the buffers of a batch larger. */
  public long bytes(Example example) {
    long characters = 0;
    if (characterBytes > 0) {
      for (int[] word : example.characters()) {
        characters += Math.max(1, word.length);
      }
    }
    long steps = Math.max(1, example.steps());
    long written = example.labels() == null ? 0 : example.labels().length;
    return steps * stepBytes
        + characters * characterBytes
        + written * writtenBytes
        + written * steps * pairBytes;
  }
}
