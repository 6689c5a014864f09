// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on the JDK's Vector API, at the width that the processor prefers. They are loaded by
 * name, because merely linking this class needs the incubator module. What does not fill a vector
 * is left to {@link Kernels}, whose elements are equal.
 */
final class VectorKernels extends Kernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** True on x86 below AVX-512, which has 16 vector registers; all others have 32. */
  private static final boolean FEW_REGISTERS =
      LANES < 16 && System.getProperty("os.arch", "").matches("amd64|x86_64|i386");

  private final CellKernels cells = new VectorCellKernels(this);
  private final TileWarmUp warmUp = new TileWarmUp(this);

  /** Makes the kernels for this processor. */
  VectorKernels() {
    this(FEW_REGISTERS);
  }

  /** Makes kernels for a processor with few registers, or with many; both compute the same. */
  VectorKernels(boolean fewRegisters) {
    super(
        "vector, " + LANES + " lanes",
        LANES,
        fewRegisters ? VectorMicroKernels.FEW_ROWS : VectorMicroKernels.MAX_ROWS,
        fewRegisters ? VectorMicroKernels.FEW_ROWS - 1 : VectorMicroKernels.MAX_ROWS);
    if (LANES < 4 || LANES > SUM_LANES) {
      throw new UnsupportedOperationException("vectors of " + LANES + " floats are not supported");
    }
  }

  @Override
  void tile(
      int rows,
      int vectors,
      int k,
      float[] a,
      int ao,
      int as,
      float[] b,
      int bo,
      float[] s,
      int so,
      int ss,
      float[] c,
      int co,
      int cs) {
    boolean copied = as == 0;
    warmUp.count(copied, vectors, rows);
    if (copied && vectors == 2) {
      VectorMicroKernels.copiedTile2(rows, k, a, ao, b, bo, s, so, ss, c, co, cs);
    } else if (copied) {
      VectorMicroKernels.copiedTile1(rows, k, a, ao, b, bo, s, so, ss, c, co, cs);
    } else if (vectors == 2) {
      VectorMicroKernels.tile2(rows, k, a, ao, as, b, bo, s, so, ss, c, co, cs);
    } else {
      VectorMicroKernels.tile1(rows, k, a, ao, as, b, bo, s, so, ss, c, co, cs);
    }
  }

  /**
   * Copies whole vectors, the last of a piece first: what they write behind it is overwritten by
   * the next piece or the next round. Near the end of the array, it copies floats.
   */
  @Override
  void copyPieces(int k, int n, float[] from, int fo, int stride, float[] to, int at) {
    int width = (n + LANES - 1) / LANES * LANES;
    int whole = Math.max(0, Math.min(k, Math.floorDiv(from.length - width - fo, stride) + 1));
    for (int j = width - LANES; j >= 0; j -= LANES) {
      for (int p = 0; p < whole; p++) {
        load(from, fo + j + p * stride).intoArray(to, at + j + p * n);
      }
    }
    super.copyPieces(k - whole, n, from, fo + whole * stride, stride, to, at + whole * n);
  }

  @Override
  void tanh(float[] x, int xo, float[] y, int yo, int n) {
    int bound = S.loopBound(n);
    for (int i = 0; i < bound; i += LANES) {
      VectorMath.tanh(load(x, xo + i)).intoArray(y, yo + i);
    }
    super.tanh(x, xo + bound, y, yo + bound, n - bound);
  }

  @Override
  void sigmoid(float[] x, int xo, int n) {
    int bound = S.loopBound(n);
    for (int i = 0; i < bound; i += LANES) {
      VectorMath.sigmoid(load(x, xo + i)).intoArray(x, xo + i);
    }
    super.sigmoid(x, xo + bound, n - bound);
  }

  @Override
  void addColumnSums(int rows, int n, float[] x, int xo, int stride, float[] sums, int so) {
    int bound = n / (4 * LANES) * (4 * LANES);
    for (int j = 0; j < bound; j += 4 * LANES) {
      int at = so + j;
      FloatVector s0 = load(sums, at);
      FloatVector s1 = load(sums, at + LANES);
      FloatVector s2 = load(sums, at + 2 * LANES);
      FloatVector s3 = load(sums, at + 3 * LANES);
      for (int i = 0; i < rows; i++) {
        int row = xo + i * stride + j;
        s0 = s0.add(load(x, row));
        s1 = s1.add(load(x, row + LANES));
        s2 = s2.add(load(x, row + 2 * LANES));
        s3 = s3.add(load(x, row + 3 * LANES));
      }
      s0.intoArray(sums, at);
      s1.intoArray(sums, at + LANES);
      s2.intoArray(sums, at + 2 * LANES);
      s3.intoArray(sums, at + 3 * LANES);
    }
    super.addColumnSums(rows, n - bound, x, xo + bound, stride, sums, so + bound);
  }

  @Override
  void columnMax(int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max) {
    int bound = S.loopBound(n);
    for (int i = 0; i < rows; i++) {
      float shift = bias[bo + i];
      for (int j = 0; j < bound; j += LANES) {
        FloatVector logit = load(x, xo + i * n + j).add(shift);
        load(max, j).max(logit).intoArray(max, j);
      }
    }
    columnMax(bound, rows, n, x, xo, bias, bo, max);
  }

  @Override
  void columnExp(
      int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max, float[] sums) {
    int bound = S.loopBound(n);
    for (int i = 0; i < rows; i++) {
      float shift = bias[bo + i];
      for (int j = 0; j < bound; j += LANES) {
        int at = xo + i * n + j;
        FloatVector e = VectorMath.exp(load(x, at).add(shift).sub(load(max, j)));
        e.intoArray(x, at);
        load(sums, j).add(e).intoArray(sums, j);
      }
    }
    columnExp(bound, rows, n, x, xo, bias, bo, max, sums);
  }

  @Override
  void addRowDots(int rows, int n, float[] x, int xo, float[] y, int yo, float[] out, int oo) {
    float[] sums = SUMS.get();
    for (int i = 0; i < rows; i++) {
      int bound = products(n, x, xo + i * n, y, yo, sums);
      addProducts(bound, n, x, xo + i * n, y, yo, sums);
      out[oo + i] += total(sums);
    }
  }

  @Override
  double sumOfSquares(float[] x, int xo, int n) {
    double[] sums = SQUARE_SUMS.get();
    int bound = n / SUM_LANES * SUM_LANES;
    for (int lane = 0; lane < SUM_LANES; lane += LANES) {
      DoubleVector s0 = DoubleVector.zero(D);
      DoubleVector s1 = s0;
      for (int j = lane; j < bound; j += SUM_LANES) {
        FloatVector f = load(x, xo + j);
        DoubleVector d0 = (DoubleVector) f.convert(VectorOperators.F2D, 0);
        DoubleVector d1 = (DoubleVector) f.convert(VectorOperators.F2D, 1);
        s0 = d0.fma(d0, s0);
        s1 = d1.fma(d1, s1);
      }
      s0.intoArray(sums, lane);
      s1.intoArray(sums, lane + LANES / 2);
    }
    addSquares(bound, n, x, xo, sums);
    return total(sums);
  }

  /** Sets the partial sums to those of whole groups of elements; returns where the rest begins. */
  private static int products(int n, float[] x, int xo, float[] y, int yo, float[] sums) {
    int bound = n / SUM_LANES * SUM_LANES;
    for (int lane = 0; lane < SUM_LANES; lane += LANES) {
      FloatVector s = FloatVector.zero(S);
      for (int j = lane; j < bound; j += SUM_LANES) {
        s = load(x, xo + j).fma(load(y, yo + j), s);
      }
      s.intoArray(sums, lane);
    }
    return bound;
  }

  @Override
  CellKernels cells() {
    return cells;
  }

  @Override
  int peakFlops() {
    return 2 * PEAK_CHAINS * LANES;
  }

  @Override
  float peak(int passes) {
    return VectorMicroKernels.peak(passes);
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }

  /**
   * Has each register tile compiled soon after its first uses. A vector outside of fully compiled
   * code is an object, and a tile some hundred times slower; the tile of a matrix's last columns,
   * called a thousand times less often than the others, would stay so for seconds and take most of
   * their time. Short calls in a row reach the compiler's thresholds in a few hundredths of a
   * second.
   */
  private static final class TileWarmUp {
    /** The calls after which a tile is worth compiling. */
    private static final int AT = 20;

    /** The short calls in a row: more than those after which the JVM compiles for good. */
    private static final int CALLS = 6000;

    /** The passes of the loop in a call: several, so that the compiler expects them. */
    private static final int K = 4;

    private final Kernels kernels;

    /** The calls by form, vectors and rows; threads may miss each other's counts. */
    private final int[] calls;

    TileWarmUp(Kernels kernels) {
      this.kernels = kernels;
      calls = new int[4 * (kernels.tileRows + 1)];
    }

    /** Counts a call of a tile. */
    void count(boolean copied, int vectors, int rows) {
      int kind = ((copied ? 2 : 0) + vectors - 1) * (kernels.tileRows + 1) + rows;
      if (calls[kind] < AT && ++calls[kind] == AT) {
        run(copied, vectors, rows);
      }
    }

    private void run(boolean copied, int vectors, int rows) {
      int width = vectors * kernels.lanes;
      float[] a = new float[rows * K];
      float[] b = new float[K * width];
      float[] c = new float[rows * width];
      for (int i = 0; i < CALLS; i++) {
        kernels.tile(rows, vectors, K, a, 0, copied ? 0 : K, b, 0, c, 0, width, c, 0, width);
      }
    }
  }
}
