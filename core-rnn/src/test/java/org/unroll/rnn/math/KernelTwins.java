// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;

/** Both sets of kernels side by side, and each kernel on both. */
final class KernelTwins {
  static final Kernels SCALAR = new Kernels();
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

  private static final float[] EMPTY = {};

  private static final Size NOTHING = (r, w) -> 0;
  private static final Size A_ROW = (r, w) -> w;
  private static final Size A_COLUMN = (r, w) -> r;
  private static final Size ALL_OF_IT = times(1);

  static final List<Kernel> ALL =
      List.of(
          new Kernel(
              "tanh in place",
              (k, r, w, x) -> none(() -> k.tanh(x[0], at(0), x[0], at(0), r * w)),
              ALL_OF_IT),
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
          new Kernel(
              "tanh",
              (k, r, w, x) -> none(() -> k.tanh(x[0], at(0), x[1], at(1), r * w)),
              NOTHING,
              ALL_OF_IT),
          new Kernel("tanhForward", KernelTwins::tanhForward, NOTHING, ALL_OF_IT),
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
    k.addRowDots(rows, width, x[0], at(0), x[1], at(1), x[2], at(2));
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
    float[] behind = Arrays.copyOfRange(x[1], end, end + k.lanes);
    k.copyPieces(rows, width, x[0], from, stride, x[1], at(1));
    System.arraycopy(behind, 0, x[1], end, behind.length);
    return 0;
  }

  private static double tanhForward(Kernels k, int rows, int width, float[][] x) {
    CellStep step = step(rows, 1, width, x[0], x[1], EMPTY, EMPTY);
    step.after = at(1);
    k.cells().tanhForward(step);
    return 0;
  }

  private static double lstmForward(Kernels k, int rows, int width, float[][] x) {
    // The states h stand where those of c do: seen from an array that begins later.
    int shift = at(2) - at(1);
    float[] h = Arrays.copyOfRange(x[2], shift, x[2].length);
    CellStep step = step(rows, 4, width, x[0], h, x[1], EMPTY);
    step.before = at(1) + rows * width;
    step.after = at(1);
    k.cells().lstmForward(step);
    System.arraycopy(h, 0, x[2], shift, h.length);
    return 0;
  }

  private static double lstmBackward(Kernels k, int rows, int width, float[][] x) {
    CellStep step = step(rows, 4, width, x[0], EMPTY, x[1], EMPTY);
    step.before = at(1) + rows * width;
    step.after = at(1);
    step.take(x[2], x[3], EMPTY, x[4], 0);
    step.dyAt = at(2);
    step.dhAt = at(4);
    k.cells().lstmBackward(step);
    return 0;
  }

  private static double gruForward(Kernels k, int rows, int width, float[][] x) {
    CellStep step = step(rows, 3, width, x[0], x[2], EMPTY, x[1]);
    step.candidateAt = at(1);
    step.before = at(2) + rows * width;
    step.after = at(2);
    k.cells().gruForward(step);
    return 0;
  }

  private static double gruBackward(Kernels k, int rows, int width, float[][] x) {
    CellStep step = step(rows, 3, width, x[0], x[2], EMPTY, x[1]);
    step.candidateAt = at(1);
    step.before = at(2);
    step.take(x[3], x[4], x[5], EMPTY, 0);
    step.dyAt = at(3);
    step.dhAt = at(5);
    k.cells().gruBackward(step);
    return 0;
  }

  private static CellStep step(
      int rows, int gates, int width, float[] a, float[] h, float[] c, float[] candidate) {
    CellStep step = new CellStep(gates, width, a, h, c, candidate);
    step.rows = rows;
    step.gatesAt = at(0);
    return step;
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
