// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.ReaderModel;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.EncoderSpec;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.ParamRole;

/**
 * Draws the parameters a training starts from. Each parameter has a key of its own, made from its
 * name, so that the others stay the same when a model gets one more.
 */
public final class Initializer {
  private final ParamLayout layout;
  private final InitSpec spec;
  private final long seed;
  private final float[] params;

  /** Whether the embedding is the output matrix as well. */
  private final boolean tied;

  private Initializer(ParamLayout layout, InitSpec spec, long seed) {
    this.layout = layout;
    this.spec = spec;
    this.seed = seed;
    this.params = new float[layout.size()];
    tied = layout.params().stream().noneMatch(p -> p.role() == ParamRole.OUTPUT_WEIGHT);
  }

  /**
   * The starting parameters of a model, in its layout.
   *
   * @throws IllegalArgumentException if a forget bias is asked for and the model has none
   */
  public static float[] draw(SequenceModel model, InitSpec spec, long seed) {
    requireForgetGate(spec, model.spec().cell(), model.spec().bias());
    return draw(model.layout(), spec, seed);
  }

  /** As {@link #draw(SequenceModel, InitSpec, long)} for a reader. */
  public static float[] draw(ReaderModel model, InitSpec spec, long seed) {
    EncoderSpec encoder = model.spec().encoder();
    requireForgetGate(spec, encoder.cell(), encoder.bias());
    return draw(model.layout(), spec, seed);
  }

  private static float[] draw(ParamLayout layout, InitSpec spec, long seed) {
    Initializer initializer = new Initializer(layout, spec, seed);
    layout.params().forEach(initializer::fill);
    return initializer.params;
  }

  private static void requireForgetGate(InitSpec spec, CellType cell, boolean bias) {
    if (spec.forgetBias() != 0 && (cell != CellType.LSTM || !bias)) {
      throw new IllegalArgumentException(
          "forget-bias "
              + spec.forgetBias()
              + " needs LSTM cells with biases, but the cell is "
              + cell
              + (bias ? "" : " without biases"));
    }
  }

  private void fill(Param param) {
    if (param.role() == ParamRole.INITIAL_STATE || param.role() == ParamRole.SHIFT) {
      return;
    }
    if (param.role() == ParamRole.SCALE) {
      Arrays.fill(params, param.offset(), param.end(), 1f);
      return;
    }
    long key = RandomUse.INIT.key(seed, hash(param.name()), 0);
    if (param.role() == ParamRole.RECURRENT_WEIGHT && spec.orthogonalRecurrent()) {
      int hidden = width(param);
      for (int gate = 0; gate < param.shape().get(0) / hidden; gate++) {
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
    return spec.kind() == InitSpec.Kind.PYTORCH && param.role() == ParamRole.EMBEDDING && !tied;
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
      case PYTORCH -> 1 / Math.sqrt(width(param));
      case UNIFORM -> spec.range();
      case XAVIER -> param.role().isWeight() ? xavier(param) : 0;
    };
  }

  /**
   * What PyTorch scales a parameter by: of a recurrent layer its hidden size, of a linear layer the
   * width of its input, with which the matrix that a bias belongs to ends.
   */
  private int width(Param param) {
    String matrix = param.name().replaceFirst("(weight|bias)_[ih]h", "weight_hh");
    if (param.role() == ParamRole.OUTPUT_BIAS) {
      matrix = param.name().replaceFirst("bias$", "weight");
    }
    Param of = layout.get(tied && !layout.contains(matrix) ? SequenceModel.EMBEDDING : matrix);
    return of.shape().get(1);
  }

  /** A recurrent layer's matrices are one matrix a gate, below one another. */
  private double xavier(Param param) {
    boolean gates =
        param.role() == ParamRole.INPUT_WEIGHT || param.role() == ParamRole.RECURRENT_WEIGHT;
    double fanOut = gates ? width(param) : param.shape().get(0);
    double fanIn = param.shape().get(1);
    return Math.sqrt(6 / (fanIn + fanOut));
  }

  /** The second of the gates i, f, g, o. */
  private void addToForgetGate(Param bias) {
    int hidden = width(bias);
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
