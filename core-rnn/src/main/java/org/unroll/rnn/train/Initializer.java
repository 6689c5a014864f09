// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnSpec;

/**
 * Draws the parameters that a training starts from. Each parameter has a key of its own, made from
 * its name, so that the others stay the same when a model gets one more.
 */
public final class Initializer {
  private final Network network;
  private final ParamLayout layout;
  private final InitSpec spec;
  private final long seed;
  private final float[] params;

  /** True when the embedding is the output matrix as well. */
  private final boolean tied;

  private Initializer(Network network, InitSpec spec, long seed) {
    this.network = network;
    layout = network.layout();
    this.spec = spec;
    this.seed = seed;
    this.params = new float[layout.size()];
    tied = network.spec().head() instanceof HeadSpec.Vocabulary head && head.tied();
  }

  /**
   * Returns the starting parameters of a network, in its layout.
   *
   * @throws IllegalArgumentException if a forget bias is asked for and the network has none
   */
  public static float[] draw(Network network, InitSpec spec, long seed) {
    RnnSpec encoder = network.spec().encoder();
    if (encoder != null) {
      requireForgetGate(spec, encoder.cell(), encoder.bias());
    }
    DecoderSpec decoder = network.spec().decoder();
    if (decoder != null) {
      requireForgetGate(spec, decoder.layers().cell(), decoder.layers().bias());
    }
    Initializer initializer = new Initializer(network, spec, seed);
    network.layout().params().forEach(initializer::fill);
    return initializer.params;
  }

  private static void requireForgetGate(InitSpec spec, CellType cell, boolean bias) {
    if (spec.forgetBias() != 0 && (cell != CellType.LSTM || !bias)) {
      throw new IllegalArgumentException(
          "forget-bias %s needs LSTM cells with biases, but the cell is %s%s"
              .formatted(spec.forgetBias(), cell, bias ? "" : " without biases"));
    }
  }

  private void fill(Param param) {
    if (param.role() == Param.Role.INITIAL_STATE || param.role() == Param.Role.SHIFT) {
      return;
    }
    if (param.role() == Param.Role.SCALE) {
      Arrays.fill(params, param.offset(), param.end(), 1f);
      return;
    }
    long key = RandomUse.INIT.key(seed, hash(param.name()), 0);
    if (param.role() == Param.Role.RECURRENT_WEIGHT && spec.orthogonalRecurrent()) {
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
    if (param.role() == Param.Role.INPUT_BIAS && spec.forgetBias() != 0) {
      addToForgetGate(param);
    }
  }

  private boolean isNormal(Param param) {
    return spec.kind() == InitSpec.Kind.PYTORCH && param.role() == Param.Role.EMBEDDING && !tied;
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
   * Returns what PyTorch scales a parameter by: of a recurrent layer its hidden size, of a linear
   * layer the width of its input, with which the matrix that a bias belongs to ends.
   */
  private int width(Param param) {
    String matrix = param.name().replaceFirst("(weight|bias)_[ih]h", "weight_hh");
    if (param.role() == Param.Role.OUTPUT_BIAS) {
      matrix = param.name().replaceFirst("bias$", "weight");
    }
    Param of = layout.contains(matrix) ? layout.get(matrix) : network.vocabularyMatrix();
    return of.shape().get(1);
  }

  /** Returns the range of a weight; a recurrent layer has one matrix a gate, below one another. */
  private double xavier(Param param) {
    boolean gates =
        param.role() == Param.Role.INPUT_WEIGHT || param.role() == Param.Role.RECURRENT_WEIGHT;
    double fanOut = gates ? width(param) : param.shape().get(0);
    double fanIn = param.shape().get(1);
    return Math.sqrt(6 / (fanIn + fanOut));
  }

  /** Adds the forget bias to the second of the gates i, f, g, o. */
  private void addToForgetGate(Param bias) {
    int hidden = width(bias);
    for (int i = bias.offset() + hidden; i < bias.offset() + 2 * hidden; i++) {
      params[i] += (float) spec.forgetBias();
    }
  }

  /** Returns the hash FNV-1a (Fowler, Noll and Vo), 64 bits. */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /**
   * A random orthogonal matrix, uniform over all of them: Q of a Gaussian matrix's QR decomposition
   * by Householder's reflections, with the signs that make R's diagonal positive (Mezzadri 2007,
   * "How to generate random matrices from the classical compact groups").
   */
  static final class Orthogonal {
    private final int n;

    /**
     * The Gaussian matrix column by column, then the reflections' vectors, from the diagonal on.
     */
    private final double[] a;

    private final double[] tau;
    private final double[] sign;

    private Orthogonal(int n, long key) {
      this.n = n;
      this.a = new double[n * n];
      this.tau = new double[n];
      this.sign = new double[n];
      for (int i = 0; i < a.length; i++) {
        a[i] = RandomBits.gaussian(key, i);
      }
    }

    /** Writes an n x n matrix, row-major, from {@code offset} on. */
    static void fill(float[] out, int offset, int n, long key) {
      Orthogonal matrix = new Orthogonal(n, key);
      for (int k = 0; k < n; k++) {
        matrix.eliminate(k);
      }
      matrix.write(out, offset);
    }

    /** Makes column k zero below the diagonal, and reflects the columns after it. */
    private void eliminate(int k) {
      int v = k * n + k;
      int length = n - k;
      double norm = Math.sqrt(dot(a, v, a, v, length));
      sign[k] = a[v] > 0 ? -1 : 1;
      a[v] -= sign[k] * norm;
      double squares = dot(a, v, a, v, length);
      tau[k] = squares == 0 ? 0 : 2 / squares;
      for (int j = k + 1; j < n; j++) {
        reflect(k, a, j * n + k);
      }
    }

    /** Applies the reflections, last to first, to the columns of the unit matrix. */
    private void write(float[] out, int offset) {
      double[] column = new double[n];
      for (int j = 0; j < n; j++) {
        Arrays.fill(column, 0);
        column[j] = sign[j];
        for (int k = j; k >= 0; k--) {
          reflect(k, column, k);
        }
        for (int i = 0; i < n; i++) {
          out[offset + i * n + j] = (float) column[i];
        }
      }
    }

    /** Computes {@code x -= tau v (v . x)} for reflection k and x from {@code at} on. */
    private void reflect(int k, double[] x, int at) {
      int v = k * n + k;
      int length = n - k;
      double factor = tau[k] * dot(a, v, x, at, length);
      for (int i = 0; i < length; i++) {
        x[at + i] -= factor * a[v + i];
      }
    }

    /** Adds up four sums side by side, so that no addition waits for the one before it. */
    private static double dot(double[] x, int xAt, double[] y, int yAt, int length) {
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int i = 0;
      for (; i <= length - 4; i += 4) {
        s0 += x[xAt + i] * y[yAt + i];
        s1 += x[xAt + i + 1] * y[yAt + i + 1];
        s2 += x[xAt + i + 2] * y[yAt + i + 2];
        s3 += x[xAt + i + 3] * y[yAt + i + 3];
      }
      for (; i < length; i++) {
        s0 += x[xAt + i] * y[yAt + i];
      }
      return (s0 + s1) + (s2 + s3);
    }
  }
}
