// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;

/** Both sets of kernels side by side, and each kernel on both. */
final class KernelTwins {
  static final Kernels SCALAR = new ScalarKernels();
  static final Kernels VECTOR = new VectorKernels();

  /**
   * A kernel and the arrays it takes.
   *
   * @param call the kernel on rows x width elements
   * @param written how much of each array it may write
   */
  record Kernel(String name, Call call, Size... written) {
    @Override
    public String toString() {
      return name;
    }
  }

  @FunctionalInterface
  interface Call {
    /** The result of the kernel, or 0; array i begins at {@link KernelTwins#at}. */
    double on(Kernels kernels, int rows, int width, float[][] x);
  }

  /** Elements of an array from its beginning on, for a kernel on rows x width elements. */
  @FunctionalInterface
  interface Size {
    int of(int rows, int width);
  }

  /** Between the rows of kernels that take a stride. */
  private static final int GAP = 3;

  private static final Size NOTHING = (r, w) -> 0;
  private static final Size A_ROW = (r, w) -> w;
  private static final Size A_COLUMN = (r, w) -> r;
  private static final Size ALL_OF_IT = times(1);

  static final List<Kernel> ALL =
      List.of(
          new Kernel("tanh", (k, r, w, x) -> none(() -> k.tanh(x[0], at(0), r * w)), ALL_OF_IT),
          new Kernel(
              "sigmoid", (k, r, w, x) -> none(() -> k.sigmoid(x[0], at(0), r * w)), ALL_OF_IT),
          new Kernel("addColumnSums", KernelTwins::addColumnSums, NOTHING, A_ROW),
          new Kernel("columnMax", KernelTwins::columnMax, NOTHING, NOTHING, A_ROW),
          new Kernel("columnExp", KernelTwins::columnExp, ALL_OF_IT, NOTHING, NOTHING, A_ROW),
          new Kernel("addRowDots", KernelTwins::addRowDots, NOTHING, NOTHING, A_COLUMN),
          new Kernel("sumOfSquares", (k, r, w, x) -> k.sumOfSquares(x[0], at(0), r * w), NOTHING),
          new Kernel(
              "copyPieces",
              (k, r, w, x) -> copyPieces(k, r, w, x, at(0), w + GAP),
              NOTHING,
              ALL_OF_IT),
          new Kernel(
              "copyPieces up to the end of the array",
              (k, r, w, x) -> copyPieces(k, r, w, x, x[0].length - pieces(r, w, GAP), w + GAP),
              NOTHING,
              ALL_OF_IT),
          new Kernel(
              "copyPieces without gaps up to the end of the array",
              (k, r, w, x) -> copyPieces(k, r, w, x, x[0].length - pieces(r, w, 0), w),
              NOTHING,
              ALL_OF_IT),
          new Kernel("elmanTanhForward", KernelTwins::elmanTanhForward, NOTHING, ALL_OF_IT),
          new Kernel("lstmForward", KernelTwins::lstmForward, times(4), ALL_OF_IT, ALL_OF_IT),
          new Kernel(
              "lstmBackward",
              KernelTwins::lstmBackward,
              times(4),
              NOTHING,
              NOTHING,
              NOTHING,
              ALL_OF_IT),
          new Kernel("gruForward", KernelTwins::gruForward, times(3), NOTHING, ALL_OF_IT),
          new Kernel(
              "gruBackward",
              KernelTwins::gruBackward,
              times(3),
              ALL_OF_IT,
              NOTHING,
              NOTHING,
              NOTHING,
              ALL_OF_IT));

  private KernelTwins() {}

  /** Where array i begins: nowhere at 0, and no two alike. */
  static int at(int i) {
    return 3 + 5 * i;
  }

  private static Size times(int n) {
    return (rows, width) -> n * rows * width;
  }

  private static double none(Runnable kernel) {
    kernel.run();
    return 0;
  }

  private static double addColumnSums(Kernels k, int rows, int width, float[][] x) {
    k.addColumnSums(rows, width, x[0], at(0), width + GAP, x[1], at(1));
    return 0;
  }

  private static double columnMax(Kernels k, int rows, int width, float[][] x) {
    float[] max = row(x[2], at(2), width);
    k.columnMax(rows, width, x[0], at(0), x[1], at(1), max);
    System.arraycopy(max, 0, x[2], at(2), width);
    return 0;
  }

  private static double columnExp(Kernels k, int rows, int width, float[][] x) {
    float[] sums = row(x[3], at(3), width);
    k.columnExp(rows, width, x[0], at(0), x[1], at(1), row(x[2], at(2), width), sums);
    System.arraycopy(sums, 0, x[3], at(3), width);
    return 0;
  }

  private static double addRowDots(Kernels k, int rows, int width, float[][] x) {
    k.addRowDots(rows, width, x[0], at(0), row(x[1], at(1), width), x[2], at(2));
    return 0;
  }

  /** A row alone, for kernels that take it from its beginning on. */
  private static float[] row(float[] x, int from, int width) {
    return Arrays.copyOfRange(x, from, from + width);
  }

  /** Floats from the first to the end of the last of some rows. */
  private static int pieces(int rows, int width, int gap) {
    return rows * (width + gap) - gap;
  }

  /** Whatever the kernel leaves in the vector behind the last piece is put right again. */
  private static float copyPieces(
      Kernels k, int rows, int width, float[][] x, int from, int stride) {
    int end = at(1) + rows * width;
    float[] behind = Arrays.copyOfRange(x[1], end, end + k.lanes());
    k.copyPieces(rows, width, x[0], from, stride, x[1], at(1));
    System.arraycopy(behind, 0, x[1], end, behind.length);
    return 0;
  }

  private static double elmanTanhForward(Kernels k, int rows, int width, float[][] x) {
    k.cells().elmanTanhForward(rows, width, x[0], at(0), x[1], at(1));
    return 0;
  }

  private static double lstmForward(Kernels k, int rows, int width, float[][] x) {
    int before = at(1) + rows * width;
    k.cells().lstmForward(rows, width, x[0], at(0), x[1], before, at(1), x[2], at(2));
    return 0;
  }

  private static double lstmBackward(Kernels k, int rows, int width, float[][] x) {
    int before = at(1) + rows * width;
    k.cells()
        .lstmBackward(
            rows, width, x[0], at(0), x[1], before, at(1), x[2], at(2), x[3], x[4], at(4));
    return 0;
  }

  private static double gruForward(Kernels k, int rows, int width, float[][] x) {
    int before = at(2) + rows * width;
    k.cells().gruForward(rows, width, x[0], at(0), x[1], at(1), x[2], before, at(2));
    return 0;
  }

  private static double gruBackward(Kernels k, int rows, int width, float[][] x) {
    k.cells()
        .gruBackward(
            rows, width, x[0], at(0), x[1], at(1), x[2], at(2), x[3], at(3), x[4], x[5], at(5));
    return 0;
  }

  /** Arrays for a kernel with something in front and behind, in +-scale. */
  static float[][] arrays(Kernel kernel, int rows, int width, float scale, long seed) {
    float[][] x = new float[kernel.written().length][];
    for (int i = 0; i < x.length; i++) {
      x[i] = uniform(at(i) + 4 * rows * width + 33, scale, RandomBits.key(seed, i));
    }
    return x;
  }

  static float[] uniform(int n, float scale, long key) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = scale * (2 * RandomBits.uniform(key, i) - 1);
    }
    return x;
  }

  static float[][] copy(float[][] x) {
    float[][] copy = new float[x.length][];
    for (int i = 0; i < x.length; i++) {
      copy[i] = x[i].clone();
    }
    return copy;
  }

  /** The same bits, where every NaN is one. */
  static void assertSame(String what, float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      if (Float.floatToIntBits(actual[i]) != Float.floatToIntBits(expected[i])) {
        assertThat(actual[i]).as("%s, element %d", what, i).isEqualTo(expected[i]);
      }
    }
  }
}
