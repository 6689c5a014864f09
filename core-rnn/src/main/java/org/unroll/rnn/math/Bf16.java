// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Numbers of 16 bits: the upper half of a float, so with its range and 8 bits of precision. They
 * are rounded to the nearest, ties to even; what is too large becomes infinite, NaN stays NaN.
 *
 * <p>They are packed in pieces of an even size, two numbers a little-endian word:
 *
 * <pre>
 *   word j of a piece of n:  | element j + n/2 | element j |      j = 0 .. n/2 - 1
 *                             31             16 15        0
 * </pre>
 *
 * All arithmetic is on arrays of bits in plain loops, which the compiler turns into vectors by
 * itself wherever they are inlined. (The JDK's Vector API was tried: called from as deep as these
 * are, its operations are not inlined any more, and forty times slower.)
 */
public final class Bf16 {
  /** The most numbers of a piece. */
  public static final int PIECE = 4096;

  /** The bits that are kept. */
  private static final int UPPER = 0xFFFF_0000;

  /** The NaN that every NaN becomes: quiet, in the bits that are kept. */
  private static final int QUIET_NAN = 0x7FC0_0000;

  /** Added to the bits, this rounds up what is more than half; ties are for the parity. */
  private static final int ALMOST_HALF = 0x7FFF;

  private static final int WITHOUT_SIGN = Integer.MAX_VALUE;
  private static final int INFINITY = 0x7F80_0000;

  /**
   * A thread's way from floats to their bits and back leads through memory that is seen as both.
   */
  private static final class Scratch {
    final FloatBuffer floats;
    final IntBuffer ints;

    // The halves of a piece have arrays of their own, so that loops over both become vectors.
    final int[] low = new int[PIECE / 2];
    final int[] high = new int[PIECE / 2];
    final int[] words = new int[PIECE / 2];

    Scratch() {
      ByteBuffer bytes = ByteBuffer.allocateDirect(PIECE * Float.BYTES);
      bytes.order(ByteOrder.nativeOrder());
      floats = bytes.asFloatBuffer();
      ints = bytes.asIntBuffer();
    }

    /** Takes the bits of a piece, and rounds them; of an odd one the high half is longer. */
    void load(float[] x, int xo, int n) {
      floats.put(0, x, xo, n);
      ints.get(0, low, 0, n / 2);
      ints.get(n / 2, high, 0, n - n / 2);
      round(n / 2, low);
      round(n - n / 2, high);
    }

    void store(float[] x, int xo, int n) {
      ints.put(0, low, 0, n / 2);
      ints.put(n / 2, high, 0, n - n / 2);
      floats.get(0, x, xo, n);
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private Bf16() {}

  /** Rounds n elements in place. */
  public static void round(float[] x, int xo, int n) {
    Scratch scratch = SCRATCH.get();
    for (int i = 0; i < n; i += PIECE) {
      int m = Math.min(PIECE, n - i);
      scratch.load(x, xo + i, m);
      scratch.store(x, xo + i, m);
    }
  }

  private static void round(int n, int[] bits) {
    for (int i = 0; i < n; i++) {
      bits[i] = rounded(bits[i]) & UPPER;
    }
  }

  private static int rounded(int bits) {
    int up = bits + ALMOST_HALF + (bits >>> 16 & 1);
    int isNan = INFINITY - (bits & WITHOUT_SIGN) >> 31; // all bits or none, instead of a branch
    return up & ~isNan | QUIET_NAN & isNan;
  }

  /**
   * Rounds a piece and puts it into a little-endian buffer.
   *
   * @param n even, at most {@link #PIECE}
   */
  public static void pack(float[] x, int xo, int n, ByteBuffer out) {
    Scratch scratch = SCRATCH.get();
    scratch.load(x, xo, n);
    join(n / 2, scratch.low, scratch.high, scratch.words);
    out.asIntBuffer().put(scratch.words, 0, n / 2);
    out.position(out.position() + n * Short.BYTES);
  }

  private static void join(int n, int[] low, int[] high, int[] words) {
    for (int j = 0; j < n; j++) {
      words[j] = low[j] >>> 16 | high[j];
    }
  }

  /**
   * Takes a piece from a little-endian buffer.
   *
   * @param n the numbers of the piece when it was packed
   */
  public static void unpack(ByteBuffer in, float[] x, int xo, int n) {
    Scratch scratch = SCRATCH.get();
    in.asIntBuffer().get(scratch.words, 0, n / 2);
    in.position(in.position() + n * Short.BYTES);
    split(n / 2, scratch.words, scratch.low, scratch.high);
    scratch.store(x, xo, n);
  }

  private static void split(int n, int[] words, int[] low, int[] high) {
    for (int j = 0; j < n; j++) {
      low[j] = words[j] << 16;
    }
    for (int j = 0; j < n; j++) {
      high[j] = words[j] & UPPER;
    }
  }

  /** Returns a single float as a number of 16 bits. */
  public static short of(float x) {
    return (short) (rounded(Float.floatToRawIntBits(x)) >>> 16);
  }

  /** Returns the float of a single number of 16 bits. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
