// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;
import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.report.Json;

/**
 * A matrix product that is measured.
 *
 * @param m rows of the result C
 * @param n columns of C
 * @param k products that are summed for each element of C
 * @param form how the factors lie and what becomes of C
 */
public record GemmCase(int m, int n, int k, Form form) {

  /** A form in which training needs products. */
  public enum Form {
    /** {@code C = A B}, B packed once and kept: inputs times weights. */
    FORWARD,
    /** {@code C += A B}, B packed once and kept: a step's recurrent product. */
    ACCUMULATE,
    /** {@code C += A^T B} with A {@code [k, m]}, B packed anew each time. */
    WEIGHT_GRADIENT,
    /**
     * One register tile, of which all products are made, with factors that stay in the cache, as
     * often as makes up the shape.
     */
    TILE;

    private String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Form parse(String text) {
      return Arrays.stream(values())
          .filter(form -> form.text().equals(text))
          .findFirst()
          .orElseThrow(() -> new InputException("There is no form '" + text + "' of a product."));
    }
  }

  private static final String SHAPE = "[1-9]\\d{0,8}(x[1-9]\\d{0,8}){2}";

  /** The word for a single register tile. */
  private static final String TILE = Form.TILE.text();

  /** A shape that tiles of all heights and widths make up, as deep as leaves room in the cache. */
  private static final GemmCase TILES = new GemmCase(240, 64, 256, Form.TILE);

  /**
   * Returns all forms of a shape.
   *
   * @param shape MxNxK, such as {@code 256x2048x512}, or {@code tile}
   * @throws InputException if it is none
   */
  public static List<GemmCase> parse(String shape) {
    if (shape.equals(TILE)) {
      return List.of(TILES);
    }
    if (!shape.matches(SHAPE)) {
      throw new InputException(
          ("'%s' is no shape: write MxNxK for the product of an MxK and a KxN matrix, as in"
                  + " 256x2048x512, or tile.")
              .formatted(shape));
    }
    String[] sizes = shape.split("x");
    return Stream.of(Form.FORWARD, Form.ACCUMULATE, Form.WEIGHT_GRADIENT)
        .map(form -> of(form, sizes[0], sizes[1], sizes[2]))
        .toList();
  }

  /** Reads the words of a request that {@link #work} wrote. */
  static GemmCase ofRequest(String[] words) {
    return of(Form.parse(words[4]), words[1], words[2], words[3]);
  }

  private static GemmCase of(Form form, String m, String n, String k) {
    return new GemmCase(Integer.parseInt(m), Integer.parseInt(n), Integer.parseInt(k), form);
  }

  /** Returns what is to be run: one product, on one thread. */
  public Race.Work work() {
    String sizes = "%dx%dx%d %s".formatted(m, n, k, form.text());
    Map<String, Object> shape = Json.fields("m", m, "n", n, "k", k);
    return new Race.Work(sizes, shape, 1, 0, 2.0 * m * n * k, "gemm " + sizes.replace('x', ' '));
  }

  /** One product with random factors, done the way the engine does it. */
  static final class Product implements Runnable {
    private final GemmCase shape;
    private final float[] a;
    private final float[] b;
    private final float[] c;
    private final PackedMatrix packed = new PackedMatrix();
    private final PackedLeft left = new PackedLeft();

    /** Draws the factors. */
    Product(GemmCase shape) {
      this.shape = shape;
      a = uniform(Math.multiplyExact(shape.m, shape.k), 1);
      b = uniform(Math.multiplyExact(shape.k, shape.n), 2);
      c = new float[Math.multiplyExact(shape.m, shape.n)];
      pack();
    }

    private static float[] uniform(int size, long key) {
      float[] x = new float[size];
      for (int i = 0; i < size; i++) {
        x[i] = RandomBits.uniform(key, i) - 0.5f;
      }
      return x;
    }

    private void pack() {
      packed.pack(b, 0, shape.n, shape.k, shape.n);
    }

    @Override
    public void run() {
      switch (shape.form) {
        case FORWARD -> multiply(false);
        case ACCUMULATE -> multiply(true);
        case WEIGHT_GRADIENT -> {
          pack();
          left.pack(a, 0, shape.m, shape.k, shape.m);
          Ops.gemm(left, packed, c, 0, shape.n, true);
        }
        case TILE -> {
          int tile = Ops.tileRows() * Ops.panelWidth();
          for (int i = 0; i < shape.m * shape.n; i += tile) {
            Ops.tile(shape.k, a, b, c);
          }
        }
      }
    }

    private void multiply(boolean add) {
      Ops.gemm(shape.m, a, 0, shape.k, packed, c, 0, shape.n, add);
    }

    /** Returns the result so far {@code [m, n]}. */
    float[] result() {
      return c;
    }
  }
}
