// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.util.Arrays;

/**
 * Chooses the kernels once per process: those that the property {@value #PROPERTY} ({@code scalar}
 * or {@code vector}) forces, else vectors where the module is present, the width suffices and a
 * self-test agrees, else scalars. Vectors forced and impossible are an error.
 */
final class KernelSelection {
  static final String PROPERTY = "unroll.kernels";
  private static final String MODULE = "jdk.incubator.vector";
  private static final System.Logger LOG = System.getLogger(KernelSelection.class.getName());

  private KernelSelection() {}

  static Kernels select() {
    String wanted = System.getProperty(PROPERTY, "");
    Kernels kernels =
        switch (wanted) {
          case "scalar" -> new Kernels();
          case "vector" -> forcedVector();
          case "" -> vectorOrScalar();
          default ->
              throw new IllegalArgumentException(
                  "property " + PROPERTY + " is '" + wanted + "'; it can be scalar or vector");
        };
    LOG.log(System.Logger.Level.DEBUG, "Kernels: {0}", kernels.name);
    return kernels;
  }

  private static Kernels forcedVector() {
    try {
      return vector();
    } catch (UnsupportedOperationException e) {
      throw new UnsupportedOperationException(
          "property %s is vector, but %s; start the JVM with --add-modules=%s or without the property"
              .formatted(PROPERTY, e.getMessage(), MODULE),
          e);
    }
  }

  private static Kernels vectorOrScalar() {
    try {
      return vector();
    } catch (UnsupportedOperationException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Training will be several times slower: {0}. Start the JVM with --add-modules={1}"
              + " (spark-submit does so by itself).",
          e.getMessage(),
          MODULE);
      return new Kernels();
    }
  }

  private static Kernels vector() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      throw new UnsupportedOperationException("the module " + MODULE + " is not there");
    }
    Kernels kernels;
    try {
      String name = KernelSelection.class.getPackageName() + ".VectorKernels";
      kernels = (Kernels) Class.forName(name).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new UnsupportedOperationException("vector kernels cannot be loaded: " + cause, e);
    }
    selfTest(kernels);
    return kernels;
  }

  /** Requires small, awkwardly sized computations on both sets to agree to the bit. */
  private static void selfTest(Kernels kernels) {
    int n = 3 * kernels.lanes + 1;
    float[] expected = new float[n];
    for (int i = 0; i < n; i++) {
      expected[i] = (i - n / 2) * 0.37f;
    }
    float[] actual = expected.clone();
    run(new Kernels(), expected, n);
    run(kernels, actual, n);
    if (!Arrays.equals(expected, actual)) {
      throw new UnsupportedOperationException(
          "vector kernels (" + kernels.name + ") failed their self-test on this machine");
    }
  }

  private static void run(Kernels kernels, float[] x, int n) {
    kernels.tanh(x, 0, x, 0, n);
    kernels.sigmoid(x, 0, n);
    float[] bias = new float[n];
    float[] max = new float[n];
    float[] sums = new float[n];
    kernels.columnMax(1, n, x, 0, bias, 0, max);
    kernels.columnExp(1, n, x, 0, bias, 0, max, sums);
    kernels.addRowDots(1, n, x, 0, sums, 0, x, 0);
  }
}
