// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The cells on the JDK's Vector API: {@link ScalarCellKernels} in vectors, with the same bits. What
 * a row leaves over is computed behind the row: one call for the rests of all rows, in front of the
 * loop, made the LSTM's step backwards 1.4 times as slow.
 */
final class VectorCellKernels implements CellKernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /**
   * The vector of ones is a constant: one that lives through a loop would be boxed on the way in.
   */
  private static final FloatVector ONE = FloatVector.broadcast(S, 1f);

  /**
   * A part of a cell's forward step over one row, with one exp or tanh in it: more in one
   * compilation exceed what C2 inlines, and a vector that crosses a call is boxed. C2 would inline
   * parts that are called by name; it leaves alone a call through an interface that goes to three
   * methods or more, so a step has at least three parts.
   */
  @FunctionalInterface
  private interface RowPart {
    void run(
        int width, float[] gates, int go, float[] state, int po, int so, float[] other, int oo);
  }

  private final RowPart[] lstmParts;

  private final RowPart[] gruParts;

  VectorCellKernels(VectorKernels vector) {
    lstmParts =
        new RowPart[] {
          (w, gates, go, c, po, co, h, ho) -> vector.sigmoid(gates, go, 2 * w),
          (w, gates, go, c, po, co, h, ho) -> vector.tanh(gates, go + 2 * w, w),
          (w, gates, go, c, po, co, h, ho) -> vector.sigmoid(gates, go + 3 * w, w),
          VectorCellKernels::lstmState
        };
    gruParts =
        new RowPart[] {
          (w, gates, go, h, po, ho, q, qo) -> vector.sigmoid(gates, go, w),
          (w, gates, go, h, po, ho, q, qo) -> vector.sigmoid(gates, go + w, w),
          VectorCellKernels::gruState
        };
  }

  @Override
  public void elmanTanhForward(int rows, int width, float[] gates, int go, float[] h, int ho) {
    int bound = S.loopBound(width);
    for (int r = 0; r < rows; r++, go += width, ho += width) {
      for (int j = 0; j < bound; j += LANES) {
        VectorMath.tanh(load(gates, go + j)).intoArray(h, ho + j);
      }
      ScalarCellKernels.elmanTanhForwardRow(bound, width, gates, go, h, ho);
    }
  }

  @Override
  public void lstmForward(
      int rows, int width, float[] gates, int go, float[] c, int po, int co, float[] h, int ho) {
    for (int r = 0; r < rows; r++) {
      int at = r * width;
      for (RowPart part : lstmParts) {
        part.run(width, gates, go + 4 * at, c, po + at, co + at, h, ho + at);
      }
    }
  }

  private static void lstmState(
      int width, float[] gates, int go, float[] c, int po, int co, float[] h, int ho) {
    int bound = S.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      int ai = go + j;
      FloatVector f = load(gates, ai + width);
      FloatVector ig = load(gates, ai).mul(load(gates, ai + 2 * width));
      FloatVector cell = f.fma(load(c, po + j), ig);
      cell.intoArray(c, co + j);
      load(gates, ai + 3 * width).mul(VectorMath.tanh(cell)).intoArray(h, ho + j);
    }
    ScalarCellKernels.lstmStateRow(bound, width, gates, go, c, po, co, h, ho);
  }

  @Override
  public void lstmBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] c,
      int po,
      int co,
      float[] dy,
      int dyo,
      float[] dh,
      float[] dc,
      int dho) {
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
        FloatVector cell = d.mul(o).fma(ONE.sub(t.mul(t)), load(dc, dho + j));
        cell.mul(g).mul(i.mul(ONE.sub(i))).intoArray(gates, ai);
        cell.mul(load(c, po + j)).mul(f.mul(ONE.sub(f))).intoArray(gates, af);
        cell.mul(i).mul(ONE.sub(g.mul(g))).intoArray(gates, ag);
        d.mul(t).mul(o.mul(ONE.sub(o))).intoArray(gates, ao);
        cell.mul(f).intoArray(dc, dho + j);
      }
      ScalarCellKernels.lstmBackwardRow(bound, width, gates, go, c, po, co, dy, dyo, dh, dc, dho);
      go += 4 * width;
      po += width;
      co += width;
      dyo += width;
      dho += width;
    }
  }

  @Override
  public void gruForward(
      int rows, int width, float[] gates, int go, float[] q, int qo, float[] h, int po, int ho) {
    for (int r = 0; r < rows; r++) {
      int at = r * width;
      for (RowPart part : gruParts) {
        part.run(width, gates, go + 3 * at, h, po + at, ho + at, q, qo + at);
      }
    }
  }

  private static void gruState(
      int width, float[] gates, int go, float[] h, int po, int ho, float[] q, int qo) {
    int bound = S.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      int an = go + 2 * width + j;
      FloatVector n = VectorMath.tanh(load(gates, go + j).fma(load(q, qo + j), load(gates, an)));
      n.intoArray(gates, an);
      load(gates, go + width + j).fma(load(h, po + j).sub(n), n).intoArray(h, ho + j);
    }
    ScalarCellKernels.gruStateRow(bound, width, gates, go, q, qo, h, po, ho);
  }

  @Override
  public void gruBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] q,
      int qo,
      float[] h,
      int po,
      float[] dy,
      int dyo,
      float[] dh,
      float[] dh0,
      int dho) {
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
        dn.mul(load(q, qo + j)).mul(r.mul(ONE.sub(r))).intoArray(gates, ar);
        d.mul(load(h, po + j).sub(n)).mul(z.mul(ONE.sub(z))).intoArray(gates, az);
        dn.intoArray(gates, an);
        dn.mul(r).intoArray(q, qo + j);
        d.mul(z).intoArray(dh0, dho + j);
      }
      ScalarCellKernels.gruBackwardRow(
          bound, width, gates, go, q, qo, h, po, dy, dyo, dh, dh0, dho);
      go += 3 * width;
      qo += width;
      po += width;
      dyo += width;
      dho += width;
    }
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }
}
