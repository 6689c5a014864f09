// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Both sets of kernels side by side, and each kernel on both. */
final class KernelTwins {
  static final Kernels SCALAR = new ScalarKernels();
  static final Kernels VECTOR = new VectorKernels();

  /**
   * A kernel and the arrays it takes.
   *
   * @param call the kernel on rows x width elements
   * @param written how many times rows x width elements of each array it may write; 0 for arrays
   *     that it reads
   */
  record Kernel(String name, Call call, int... written) {
    @Override
    public String toString() {
      return name;
    }
  }

  @FunctionalInterface
  interface Call {
    /** The result of the kernel, or 0; array i begins at {@link KernelTwins#at}. */
    float on(Kernels kernels, int rows, int width, float[][] x);
  }

  static final List<Kernel> ALL =
      List.of(
          new Kernel("exp", (k, r, w, x) -> none(() -> k.exp(x[0], at(0), r * w)), 1),
          new Kernel("tanh", (k, r, w, x) -> none(() -> k.tanh(x[0], at(0), r * w)), 1),
          new Kernel("sigmoid", (k, r, w, x) -> none(() -> k.sigmoid(x[0], at(0), r * w)), 1),
          new Kernel("max", (k, r, w, x) -> k.max(x[0], at(0), r * w), 0),
          new Kernel("expAndSum", (k, r, w, x) -> k.expAndSum(x[0], at(0), r * w, 0.3f), 1),
          new Kernel("scale", (k, r, w, x) -> none(() -> k.scale(x[0], at(0), r * w, 1.7f)), 1),
          new Kernel(
              "elmanTanhForward",
              (k, r, w, x) -> none(() -> k.elmanTanhForward(r, w, x[0], at(0), x[1], at(1))),
              0,
              1),
          new Kernel("lstmForward", KernelTwins::lstmForward, 4, 0, 1, 1),
          new Kernel("lstmBackward", KernelTwins::lstmBackward, 4, 0, 0, 0, 0, 1),
          new Kernel("gruForward", KernelTwins::gruForward, 3, 1, 0, 1),
          new Kernel("gruBackward", KernelTwins::gruBackward, 3, 1, 0, 0, 0, 1));

  private KernelTwins() {}

  /** Where array i begins: nowhere at 0, and no two alike. */
  static int at(int i) {
    return 3 + 5 * i;
  }

  private static float none(Runnable kernel) {
    kernel.run();
    return 0;
  }

  private static float lstmForward(Kernels k, int rows, int width, float[][] x) {
    k.lstmForward(rows, width, x[0], at(0), x[1], at(1), x[2], at(2), x[3], at(3));
    return 0;
  }

  private static float lstmBackward(Kernels k, int rows, int width, float[][] x) {
    k.lstmBackward(
        rows, width, x[0], at(0), x[1], at(1), x[2], at(2), x[3], at(3), x[4], at(4), x[5], at(5));
    return 0;
  }

  private static float gruForward(Kernels k, int rows, int width, float[][] x) {
    k.gruForward(rows, width, x[0], at(0), x[1], at(1), x[2], at(2), x[3], at(3));
    return 0;
  }

  private static float gruBackward(Kernels k, int rows, int width, float[][] x) {
    k.gruBackward(
        rows, width, x[0], at(0), x[1], at(1), x[2], at(2), x[3], at(3), x[4], at(4), x[5], at(5));
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
