// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The cells on the JDK's Vector API: {@link CellKernels} in vectors, with the same bits. What a row
 * leaves over is computed behind the row: one call for the rests of all rows, in front of the loop,
 * made the LSTM's step backwards 1.4 times as slow.
 */
final class VectorCellKernels extends CellKernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /**
   * The vector of ones is a constant: one that lives through a loop would be boxed on the way in.
   */
  private static final FloatVector ONE = FloatVector.broadcast(S, 1f);

  VectorCellKernels(VectorKernels vector) {
    super(vector);
  }

  @Override
  void lstmState(CellStep s, int row) {
    int width = s.width;
    float[] gates = s.gates;
    float[] c = s.c;
    float[] h = s.h;
    int go = s.gatesAt + 4 * row * width;
    int before = s.before + row * width;
    int after = s.after + row * width;
    int bound = S.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      int ai = go + j;
      FloatVector f = load(gates, ai + width);
      FloatVector ig = load(gates, ai).mul(load(gates, ai + 2 * width));
      FloatVector cell = f.fma(load(c, before + j), ig);
      cell.intoArray(c, after + j);
      load(gates, ai + 3 * width).mul(VectorMath.tanh(cell)).intoArray(h, after + j);
    }
    lstmState(s, row, bound);
  }

  @Override
  public void lstmBackward(CellStep s) {
    int width = s.width;
    float[] gates = s.gates;
    float[] c = s.c;
    float[] dy = s.dy;
    float[] dh = s.dh;
    float[] dc = s.dc;
    int bound = S.loopBound(width);
    for (int row = 0; row < s.rows; row++) {
      int first = row * width;
      int go = s.gatesAt + 4 * first;
      int before = s.before + first;
      int after = s.after + first;
      int dyo = s.dyAt + first;
      int dho = s.dhAt + first;
      for (int j = 0; j < bound; j += LANES) {
        int ai = go + j;
        int af = ai + width;
        int ag = af + width;
        int ao = ag + width;
        FloatVector i = load(gates, ai);
        FloatVector f = load(gates, af);
        FloatVector g = load(gates, ag);
        FloatVector o = load(gates, ao);
        FloatVector t = VectorMath.tanh(load(c, after + j));
        FloatVector d = load(dy, dyo + j).add(load(dh, dho + j));
        FloatVector cell = d.mul(o).fma(ONE.sub(t.mul(t)), load(dc, dho + j));
        cell.mul(g).mul(i.mul(ONE.sub(i))).intoArray(gates, ai);
        cell.mul(load(c, before + j)).mul(f.mul(ONE.sub(f))).intoArray(gates, af);
        cell.mul(i).mul(ONE.sub(g.mul(g))).intoArray(gates, ag);
        d.mul(t).mul(o.mul(ONE.sub(o))).intoArray(gates, ao);
        cell.mul(f).intoArray(dc, dho + j);
      }
      lstmBackward(s, row, bound);
    }
  }

  @Override
  void gruState(CellStep s, int row) {
    int width = s.width;
    float[] gates = s.gates;
    float[] q = s.candidate;
    float[] h = s.h;
    int go = s.gatesAt + 3 * row * width;
    int qo = s.candidateAt + row * width;
    int before = s.before + row * width;
    int after = s.after + row * width;
    int bound = S.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      int an = go + 2 * width + j;
      FloatVector n = VectorMath.tanh(load(gates, go + j).fma(load(q, qo + j), load(gates, an)));
      n.intoArray(gates, an);
      load(gates, go + width + j).fma(load(h, before + j).sub(n), n).intoArray(h, after + j);
    }
    gruState(s, row, bound);
  }

  @Override
  public void gruBackward(CellStep s) {
    int width = s.width;
    float[] gates = s.gates;
    float[] q = s.candidate;
    float[] h = s.h;
    float[] dy = s.dy;
    float[] dh = s.dh;
    float[] dhBefore = s.dhBefore;
    int bound = S.loopBound(width);
    for (int row = 0; row < s.rows; row++) {
      int first = row * width;
      int go = s.gatesAt + 3 * first;
      int qo = s.candidateAt + first;
      int before = s.before + first;
      int dyo = s.dyAt + first;
      int dho = s.dhAt + first;
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
        d.mul(load(h, before + j).sub(n)).mul(z.mul(ONE.sub(z))).intoArray(gates, az);
        dn.intoArray(gates, an);
        dn.mul(r).intoArray(q, qo + j);
        d.mul(z).intoArray(dhBefore, dho + j);
      }
      gruBackward(s, row, bound);
    }
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }
}
