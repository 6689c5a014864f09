// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damages bytes as disks, networks, editors and other programs do: bits flipped, ends cut off,
 * pieces lost, doubled or moved, numbers and words replaced by those that are known to hurt. The
 * same seed damages in the same way.
 */
final class Mutations {
  private static final List<String> WORDS =
      List.of(
          "NaN",
          "null",
          "-1",
          "0",
          "1e999",
          "2147483648",
          "-9223372036854775808",
          "\"",
          "\"\"",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\t",
          "\r",
          "\r\n",
          "\n\n",
          "\\",
          "\\u0000",
          "\uFEFF",
          "\uFFFD",
          "\uD83D\uDE00",
          "\u2028",
          "true",
          "1.0000000000000000000000001",
          " ",
          "<unk>");

  private static final int[] EDGES = {0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x20, 0xC0, 0xEF};

  /** What grows stays within so many times its length, so that no case takes long. */
  private static final int MOST = 4;

  private final SplittableRandom random;

  Mutations(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Returns a damaged copy. */
  byte[] damage(byte[] whole) {
    byte[] bytes = whole.clone();
    int times = 1 + random.nextInt(1 + random.nextInt(6));
    for (int i = 0; i < times; i++) {
      byte[] next = once(bytes);
      bytes = next.length > MOST * whole.length + 64 ? bytes : next;
    }
    return bytes;
  }

  /** Returns one of several things. */
  <T> T one(List<T> things) {
    return things.get(random.nextInt(things.size()));
  }

  private byte[] once(byte[] bytes) {
    if (bytes.length == 0) {
      return one(WORDS).getBytes(StandardCharsets.UTF_8);
    }
    int at = place(bytes.length);
    int end = Math.min(bytes.length, at + 1 + random.nextInt(1 + random.nextInt(bytes.length)));
    switch (random.nextInt(10)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) EDGES[random.nextInt(EDGES.length)];
      case 2 -> bytes[at] = (byte) random.nextInt(256);
      case 3 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 4 -> {
        return joined(bytes, at, new byte[0], end);
      }
      case 5 -> {
        return joined(bytes, end, Arrays.copyOfRange(bytes, at, end), end);
      }
      case 6 -> {
        byte[] piece = Arrays.copyOfRange(bytes, at, end);
        int to = place(bytes.length);
        return joined(bytes, to, piece, to);
      }
      case 7 -> {
        return joined(bytes, at, one(WORDS).getBytes(StandardCharsets.UTF_8), at);
      }
      case 8 -> {
        return number(bytes, at);
      }
      default -> {
        for (int i = at; i < Math.min(bytes.length, at + 8); i++) {
          bytes[i] = (byte) (random.nextBoolean() ? 0xFF : 0);
        }
      }
    }
    return bytes;
  }

  /** Returns a place, heads and ends more often than the rest: formats have their numbers there. */
  private int place(int length) {
    int near = random.nextInt(Math.min(length, 64));
    return switch (random.nextInt(6)) {
      case 0, 1 -> near;
      case 2 -> length - 1 - near;
      default -> random.nextInt(length);
    };
  }

  /** Replaces the first number from a place on. */
  private byte[] number(byte[] bytes, int from) {
    int start = from;
    while (start < bytes.length && !isDigit(bytes[start])) {
      start++;
    }
    int end = start;
    while (end < bytes.length && isDigit(bytes[end])) {
      end++;
    }
    String other =
        switch (random.nextInt(5)) {
          case 0 -> "-1";
          case 1 -> "99999999999";
          case 2 -> Integer.toString(random.nextInt(100));
          case 3 -> "1e9";
          default -> "2147483647";
        };
    return joined(bytes, start, other.getBytes(StandardCharsets.UTF_8), end);
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** Returns what is before one place, a piece, and what is from another place on. */
  private static byte[] joined(byte[] bytes, int before, byte[] piece, int from) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(bytes, 0, before);
    all.writeBytes(piece);
    all.write(bytes, from, bytes.length - from);
    return all.toByteArray();
  }
}
