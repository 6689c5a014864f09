// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.unroll.rnn.math.RandomBits;

/**
 * Makes numbers of 64 bits of content: equal for what is equal, and almost surely not otherwise.
 */
public final class RowHash {
  private RowHash() {}

  /** Returns a new SHA-256. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Returns the hash of tokens, features and labels, but of neither the id nor the place. */
  public static long content(SequenceRow row) {
    long hash = string(said(row), row.label());
    hash = strings(hash, row.stepLabels());
    return floats(hash, row.targets());
  }

  /** Returns the hash of what a row says: of tokens and features, but of no label. */
  static long said(SequenceRow row) {
    long hash = RandomBits.key(row.tokens().length, row.channels());
    for (String[] column : row.tokens()) {
      hash = strings(hash, column);
    }
    return floats(hash, row.features());
  }

  /** Returns the hash of a text in bytes. */
  static long bytes(byte[] text, int from, int to) {
    long mixed = RandomBits.key(to - from);
    for (int i = from; i < to; i++) {
      mixed = (mixed ^ text[i]) * 0x100000001B3L + (mixed >>> 32);
    }
    return RandomBits.bits(mixed, 0);
  }

  /**
   * Returns the hash of all of the row; the sum over rows tells inputs apart whatever the order
   * they are added in.
   */
  static long placed(SequenceRow row) {
    long hash = string(content(row), row.id());
    return RandomBits.key(hash, row.key().file(), row.key().position());
  }

  private static long strings(long hash, String[] strings) {
    long mixed = RandomBits.bits(hash, strings == null ? -1 : strings.length);
    for (int i = 0; strings != null && i < strings.length; i++) {
      mixed = string(mixed, strings[i]);
    }
    return mixed;
  }

  /** Returns the hash of what was hashed before and this text, which may be null. */
  public static long string(long hash, String text) {
    long mixed = RandomBits.bits(hash, text == null ? -1 : text.length());
    for (int i = 0; text != null && i < text.length(); i++) {
      mixed = (mixed ^ text.charAt(i)) * 0x100000001B3L + (mixed >>> 32);
    }
    return RandomBits.bits(mixed, 0);
  }

  private static long floats(long hash, float[] values) {
    long mixed = RandomBits.bits(hash, values == null ? -1 : values.length);
    for (int i = 0; values != null && i < values.length; i++) {
      mixed = (mixed ^ Float.floatToIntBits(values[i])) * 0x100000001B3L + (mixed >>> 32);
    }
    return RandomBits.bits(mixed, 0);
  }
}
