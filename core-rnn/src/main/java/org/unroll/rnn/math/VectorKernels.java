// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on the JDK's Vector API, at the width that the processor prefers. Loaded by name,
 * because merely linking this class needs the incubator module. What does not fill a vector is left
 * to {@link ScalarKernels}, whose elements are equal.
 */
final class VectorKernels implements Kernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** A constant: a vector that lives through a loop would be boxed on the way in. */
  private static final FloatVector ONE = FloatVector.broadcast(S, 1f);

  /** Vectors that make up the prescribed partial sums. */
  private static final int SUM_VECTORS = Math.max(1, SUM_LANES / LANES);

  /** x86 below AVX-512 has 16 vector registers, all others have 32. */
  private static final int TILE_ROWS =
      LANES < 16 && System.getProperty("os.arch", "").matches("amd64|x86_64|i386")
          ? 6
          : VectorMicroKernels.MAX_ROWS;

  private final ScalarKernels scalar = new ScalarKernels();

  /**
   * A part of a cell's forward step over one row, with one exp or tanh in it: more in one
   * compilation exceed what C2 inlines, and a vector that crosses a call is boxed. C2 would inline
   * parts that are called by name; it leaves alone a call through an interface that goes to three
   * methods or more, so a step has at least three parts.
   */
  @FunctionalInterface
  private interface RowPart {
    void run(
        int width,
        float[] gates,
        int go,
        float[] previous,
        int po,
        float[] inner,
        int no,
        float[] h,
        int ho);
  }

  private final RowPart[] lstmParts = {
    (w, gates, go, previous, po, c, co, h, ho) -> sigmoid(gates, go, 2 * w),
    (w, gates, go, previous, po, c, co, h, ho) -> tanh(gates, go + 2 * w, w),
    (w, gates, go, previous, po, c, co, h, ho) -> sigmoid(gates, go + 3 * w, w),
    VectorKernels::lstmState
  };

  private final RowPart[] gruParts = {
    (w, gates, go, previous, po, candidate, no, h, ho) -> sigmoid(gates, go, w),
    (w, gates, go, previous, po, candidate, no, h, ho) -> sigmoid(gates, go + w, w),
    VectorKernels::gruState
  };

  VectorKernels() {
    if (LANES < 4 || LANES > SUM_LANES) {
      throw new UnsupportedOperationException("vectors of " + LANES + " floats are not supported");
    }
  }

  @Override
  public String name() {
    return "vector, " + LANES + " lanes";
  }

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public int tileRows() {
    return TILE_ROWS;
  }

  @Override
  public void tile(
      int rows,
      int vectors,
      int k,
      float[] a,
      int ao,
      int ar,
      int ac,
      float[] b,
      int bo,
      float[] s,
      int so,
      int ss,
      float[] c,
      int co,
      int cs) {
    if (vectors == 2) {
      VectorMicroKernels.tile2(rows, k, a, ao, ar, ac, b, bo, 2 * LANES, s, so, ss, c, co, cs);
    } else {
      VectorMicroKernels.tile1(rows, k, a, ao, ar, ac, b, bo, LANES, s, so, ss, c, co, cs);
    }
  }

  @Override
  public void exp(float[] x, int xo, int n) {
    int bound = S.loopBound(n);
    for (int i = 0; i < bound; i += LANES) {
      VectorMath.exp(load(x, xo + i)).intoArray(x, xo + i);
    }
    scalar.exp(x, xo + bound, n - bound);
  }

  @Override
  public void tanh(float[] x, int xo, int n) {
    int bound = S.loopBound(n);
    for (int i = 0; i < bound; i += LANES) {
      VectorMath.tanh(load(x, xo + i)).intoArray(x, xo + i);
    }
    scalar.tanh(x, xo + bound, n - bound);
  }

  @Override
  public void sigmoid(float[] x, int xo, int n) {
    int bound = S.loopBound(n);
    for (int i = 0; i < bound; i += LANES) {
      VectorMath.sigmoid(load(x, xo + i)).intoArray(x, xo + i);
    }
    scalar.sigmoid(x, xo + bound, n - bound);
  }

  @Override
  public float max(float[] x, int xo, int n) {
    int bound = S.loopBound(n);
    FloatVector max = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < bound; i += LANES) {
      max = max.max(load(x, xo + i));
    }
    float rest = scalar.max(x, xo + bound, n - bound);
    return Math.max(max.reduceLanes(VectorOperators.MAX), rest);
  }

  @Override
  public float expAndSum(float[] x, int xo, int n, float shift) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int bound = n / SUM_LANES * SUM_LANES;
    for (int i = 0; i < bound; i += SUM_LANES) {
      s0 = s0.add(shiftedExp(x, xo + i, shift));
      if (SUM_VECTORS > 1) {
        s1 = s1.add(shiftedExp(x, xo + i + LANES, shift));
      }
      if (SUM_VECTORS > 2) {
        s2 = s2.add(shiftedExp(x, xo + i + 2 * LANES, shift));
        s3 = s3.add(shiftedExp(x, xo + i + 3 * LANES, shift));
      }
    }
    float[] sums = ScalarKernels.sums();
    s0.intoArray(sums, 0);
    if (SUM_VECTORS > 1) {
      s1.intoArray(sums, LANES);
    }
    if (SUM_VECTORS > 2) {
      s2.intoArray(sums, 2 * LANES);
      s3.intoArray(sums, 3 * LANES);
    }
    for (int i = bound; i < n; i++) {
      float e = ScalarMath.exp(x[xo + i] - shift);
      x[xo + i] = e;
      sums[i - bound] += e;
    }
    return ScalarKernels.total(sums);
  }

  private static FloatVector shiftedExp(float[] x, int at, float shift) {
    FloatVector e = VectorMath.exp(load(x, at).sub(shift));
    e.intoArray(x, at);
    return e;
  }

  @Override
  public void scale(float[] x, int xo, int n, float factor) {
    int bound = S.loopBound(n);
    for (int i = 0; i < bound; i += LANES) {
      load(x, xo + i).mul(factor).intoArray(x, xo + i);
    }
    scalar.scale(x, xo + bound, n - bound, factor);
  }

  @Override
  public void elmanTanhForward(int rows, int width, float[] gates, int go, float[] h, int ho) {
    int bound = S.loopBound(width);
    for (int r = 0; r < rows; r++, go += width, ho += width) {
      for (int j = 0; j < bound; j += LANES) {
        VectorMath.tanh(load(gates, go + j)).intoArray(h, ho + j);
      }
      ScalarKernels.elmanTanhForwardRow(bound, width, gates, go, h, ho);
    }
  }

  @Override
  public void lstmForward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] cPrevious,
      int po,
      float[] c,
      int co,
      float[] h,
      int ho) {
    for (int r = 0; r < rows; r++) {
      int at = r * width;
      for (RowPart part : lstmParts) {
        part.run(width, gates, go + 4 * at, cPrevious, po + at, c, co + at, h, ho + at);
      }
    }
  }

  private static void lstmState(
      int width,
      float[] gates,
      int go,
      float[] cPrevious,
      int po,
      float[] c,
      int co,
      float[] h,
      int ho) {
    int bound = S.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      int ai = go + j;
      FloatVector f = load(gates, ai + width);
      FloatVector ig = load(gates, ai).mul(load(gates, ai + 2 * width));
      FloatVector cell = f.fma(load(cPrevious, po + j), ig);
      cell.intoArray(c, co + j);
      load(gates, ai + 3 * width).mul(VectorMath.tanh(cell)).intoArray(h, ho + j);
    }
    ScalarKernels.lstmStateRow(bound, width, gates, go, cPrevious, po, c, co, h, ho);
  }

  @Override
  public void lstmBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] cPrevious,
      int po,
      float[] c,
      int co,
      float[] dy,
      int dyo,
      float[] dh,
      int dho,
      float[] dc,
      int dco) {
    int bound = S.loopBound(width);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < bound; j += LANES) {
        int ai = go + j;
        int af = ai + width;
        int ag = af + width;
        int ao = ag + width;
        FloatVector i = load(gates, ai);
        FloatVector f = load(gates, af);
        FloatVector g = load(gates, ag);
        FloatVector o = load(gates, ao);
        FloatVector t = VectorMath.tanh(load(c, co + j));
        FloatVector d = load(dy, dyo + j).add(load(dh, dho + j));
        FloatVector cell = d.mul(o).fma(ONE.sub(t.mul(t)), load(dc, dco + j));
        cell.mul(g).mul(i.mul(ONE.sub(i))).intoArray(gates, ai);
        cell.mul(load(cPrevious, po + j)).mul(f.mul(ONE.sub(f))).intoArray(gates, af);
        cell.mul(i).mul(ONE.sub(g.mul(g))).intoArray(gates, ag);
        d.mul(t).mul(o.mul(ONE.sub(o))).intoArray(gates, ao);
        cell.mul(f).intoArray(dc, dco + j);
      }
      ScalarKernels.lstmBackwardRow(
          bound, width, gates, go, cPrevious, po, c, co, dy, dyo, dh, dho, dc, dco);
      go += 4 * width;
      po += width;
      co += width;
      dyo += width;
      dho += width;
      dco += width;
    }
  }

  @Override
  public void gruForward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] candidate,
      int no,
      float[] hPrevious,
      int po,
      float[] h,
      int ho) {
    for (int r = 0; r < rows; r++) {
      int at = r * width;
      for (RowPart part : gruParts) {
        part.run(width, gates, go + 3 * at, hPrevious, po + at, candidate, no + at, h, ho + at);
      }
    }
  }

  private static void gruState(
      int width,
      float[] gates,
      int go,
      float[] hPrevious,
      int po,
      float[] candidate,
      int no,
      float[] h,
      int ho) {
    int bound = S.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      int an = go + 2 * width + j;
      FloatVector n =
          VectorMath.tanh(load(gates, go + j).fma(load(candidate, no + j), load(gates, an)));
      n.intoArray(gates, an);
      load(gates, go + width + j).fma(load(hPrevious, po + j).sub(n), n).intoArray(h, ho + j);
    }
    ScalarKernels.gruStateRow(bound, width, gates, go, candidate, no, hPrevious, po, h, ho);
  }

  @Override
  public void gruBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] candidate,
      int no,
      float[] hPrevious,
      int po,
      float[] dy,
      int dyo,
      float[] dh,
      int dho,
      float[] dhPrevious,
      int dpo) {
    int bound = S.loopBound(width);
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < bound; j += LANES) {
        int ar = go + j;
        int az = ar + width;
        int an = az + width;
        FloatVector r = load(gates, ar);
        FloatVector z = load(gates, az);
        FloatVector n = load(gates, an);
        FloatVector d = load(dy, dyo + j).add(load(dh, dho + j));
        FloatVector dn = d.mul(ONE.sub(z)).mul(ONE.sub(n.mul(n)));
        dn.mul(load(candidate, no + j)).mul(r.mul(ONE.sub(r))).intoArray(gates, ar);
        d.mul(load(hPrevious, po + j).sub(n)).mul(z.mul(ONE.sub(z))).intoArray(gates, az);
        dn.intoArray(gates, an);
        dn.mul(r).intoArray(candidate, no + j);
        d.mul(z).intoArray(dhPrevious, dpo + j);
      }
      ScalarKernels.gruBackwardRow(
          bound, width, gates, go, candidate, no, hPrevious, po, dy, dyo, dh, dho, dhPrevious, dpo);
      go += 3 * width;
      no += width;
      po += width;
      dyo += width;
      dho += width;
      dpo += width;
    }
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }
}
