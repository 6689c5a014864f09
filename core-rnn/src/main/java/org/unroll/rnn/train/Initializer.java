// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.nio.charset.StandardCharsets;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.model.ModelSpec;
import org.unroll.rnn.model.SequenceModel;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamRole;

/**
 * Draws the parameters a training starts from. Each parameter has a key of its own, made from its
 * name, so that the others stay the same when a model gets one more.
 */
public final class Initializer {
  private final ModelSpec model;
  private final InitSpec spec;
  private final long seed;
  private final float[] params;

  private Initializer(ModelSpec model, InitSpec spec, long seed, int size) {
    this.model = model;
    this.spec = spec;
    this.seed = seed;
    this.params = new float[size];
  }

  /**
   * The starting parameters of a model, in its layout.
   *
   * @throws IllegalArgumentException if a forget bias is asked for and the model has none
   */
  public static float[] draw(SequenceModel model, InitSpec spec, long seed) {
    ModelSpec shape = model.spec();
    if (spec.forgetBias() != 0 && (shape.cell() != CellType.LSTM || !shape.bias())) {
      throw new IllegalArgumentException(
          "forget-bias "
              + spec.forgetBias()
              + " needs LSTM cells with biases, but the cell is "
              + shape.cell()
              + (shape.bias() ? "" : " without biases"));
    }
    Initializer initializer = new Initializer(shape, spec, seed, model.layout().size());
    model.layout().params().forEach(initializer::fill);
    return initializer.params;
  }

  private void fill(Param param) {
    if (param.role() == ParamRole.INITIAL_STATE) {
      return;
    }
    long key = RandomUse.INIT.key(seed, hash(param.name()), 0);
    if (param.role() == ParamRole.RECURRENT_WEIGHT && spec.orthogonalRecurrent()) {
      int hidden = model.hidden();
      for (int gate = 0; gate < model.cell().gates(); gate++) {
        int offset = param.offset() + gate * hidden * hidden;
        Orthogonal.fill(params, offset, hidden, RandomBits.key(key, gate));
      }
    } else if (isNormal(param)) {
      for (int i = 0; i < param.size(); i++) {
        params[param.offset() + i] = (float) RandomBits.gaussian(key, i);
      }
    } else {
      uniform(param, key, range(param));
    }
    if (param.role() == ParamRole.INPUT_BIAS && spec.forgetBias() != 0) {
      addToForgetGate(param);
    }
  }

  private boolean isNormal(Param param) {
    return spec.kind() == InitSpec.Kind.PYTORCH
        && param.role() == ParamRole.EMBEDDING
        && !model.tied();
  }

  private void uniform(Param param, long key, double range) {
    if (range == 0) {
      return;
    }
    int end = param.end();
    for (int i = param.offset(); i < end; i++) {
      double u = RandomBits.uniformDouble(key, i - param.offset());
      params[i] = (float) (range * (2 * u - 1));
    }
  }

  private double range(Param param) {
    return switch (spec.kind()) {
      case PYTORCH -> 1 / Math.sqrt(model.hidden());
      case UNIFORM -> spec.range();
      case XAVIER -> param.role().isWeight() ? xavier(param) : 0;
    };
  }

  /** A recurrent layer's matrices are one matrix a gate, below one another. */
  private double xavier(Param param) {
    boolean gates =
        param.role() == ParamRole.INPUT_WEIGHT || param.role() == ParamRole.RECURRENT_WEIGHT;
    double fanOut = gates ? model.hidden() : param.shape().get(0);
    double fanIn = param.shape().get(1);
    return Math.sqrt(6 / (fanIn + fanOut));
  }

  /** The second of the gates i, f, g, o. */
  private void addToForgetGate(Param bias) {
    int hidden = model.hidden();
    for (int i = bias.offset() + hidden; i < bias.offset() + 2 * hidden; i++) {
      params[i] += (float) spec.forgetBias();
    }
  }

  /** FNV-1a (Fowler, Noll and Vo), 64 bits. */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
