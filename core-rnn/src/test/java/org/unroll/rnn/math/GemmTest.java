// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products equal, to the bit, one chain of fused multiply-adds per element. */
class GemmTest {

  /** Shapes with room around them; all from a seed. */
  record Shape(int m, int n, int k, int gap, int offset, long seed) {
    /** Of rows with m, n or k elements used. */
    int stride(int used) {
      return used + gap;
    }

    float[] matrix(int rows, int columns, int use) {
      int size = offset + rows * stride(columns) + 7;
      return KernelTwins.uniform(size, 1, RandomBits.key(seed, use));
    }
  }

  /** A matrix as it lies in an array. */
  record View(float[] data, int offset, int rowStride, int columnStride) {
    float get(int i, int j) {
      return data[offset + i * rowStride + j * columnStride];
    }
  }

  static List<Shape> shapes() {
    return IntStream.range(0, 80)
        .mapToObj(
            i -> {
              long bits = RandomBits.bits(5, i);
              int m = 1 + (int) (bits & 0xffff) % 30;
              int n = 1 + (int) (bits >>> 16 & 0xffff) % 70;
              int k = 1 + (int) (bits >>> 32 & 0xffff) % 300;
              return new Shape(m, n, k, (int) (bits >>> 48 & 3), (int) (bits >>> 50 & 15), i);
            })
        .toList();
  }

  /**
   * Beyond the blocks of the product and the groups of its panels, and rows that fall on the same
   * cache lines.
   */
  static List<Shape> largeShapes() {
    return List.of(
        new Shape(513, 33, 3, 0, 1, 1),
        new Shape(1100, 17, 5, 1, 0, 2),
        new Shape(5, 40, 257, 0, 0, 3),
        new Shape(15, 3, 1023, 1, 0, 4),
        new Shape(29, 31, 1024, 0, 2, 5),
        new Shape(1024, 2, 7, 0, 3, 6),
        new Shape(17, 300, 1100, 2, 1, 7),
        new Shape(31, 1101, 259, 0, 3, 8),
        new Shape(3, 2100, 130, 1, 0, 9),
        new Shape(67, 500, 600, 1, 2, 10));
  }

  @ParameterizedTest
  @MethodSource({"shapes", "largeShapes"})
  void a_product_is_one_chain_per_element(Shape s) {
    float[] a = s.matrix(s.m, s.k, 1);
    float[] b = s.matrix(s.k, s.n, 2);
    PackedMatrix packed = new PackedMatrix().pack(b, s.offset, s.stride(s.n), s.k, s.n);
    for (boolean add : new boolean[] {false, true}) {
      float[] actual = s.matrix(s.m, s.n, 3);
      float[] expected = actual.clone();
      Ops.gemm(s.m, a, s.offset, s.stride(s.k), packed, actual, s.offset, s.stride(s.n), add);
      float[] start = add ? expected : null;
      multiply(s, view(a, s, s.k), view(b, s, s.n), start, s.stride(s.n), expected);
      KernelTwins.assertSame("C", actual, expected);
    }
  }

  @ParameterizedTest
  @MethodSource({"shapes", "largeShapes"})
  void a_packed_left_factor_gives_the_same(Shape s) {
    float[] a = s.matrix(s.k, s.m, 1);
    float[] b = s.matrix(s.k, s.n, 2);
    PackedMatrix packed = new PackedMatrix().pack(b, s.offset, s.stride(s.n), s.k, s.n);
    PackedLeft packedLeft = new PackedLeft().pack(a, s.offset, s.stride(s.m), s.k, s.m);
    for (boolean add : new boolean[] {false, true}) {
      float[] actual = s.matrix(s.m, s.n, 3);
      float[] expected = actual.clone();
      Ops.gemm(packedLeft, packed, actual, s.offset, s.stride(s.n), add);
      float[] start = add ? expected : null;
      multiply(s, transposed(a, s), view(b, s, s.n), start, s.stride(s.n), expected);
      KernelTwins.assertSame("C", actual, expected);
    }
  }

  @ParameterizedTest
  @MethodSource({"shapes", "largeShapes"})
  void a_bias_begins_every_chain_and_a_transposed_right_factor_gives_the_same(Shape s) {
    float[] a = s.matrix(s.m, s.k, 1);
    float[] w = s.matrix(s.n, s.k, 2);
    float[] bias = s.matrix(1, s.n, 4);
    PackedMatrix packed = new PackedMatrix().packTransposed(w, s.offset, s.stride(s.k), s.n, s.k);
    float[] actual = s.matrix(s.m, s.n, 3);
    float[] expected = actual.clone();
    int ldc = s.stride(s.n);
    Ops.gemmWithBias(
        s.m, a, s.offset, s.stride(s.k), packed, bias, s.offset, actual, s.offset, ldc);
    View right = new View(w, s.offset, 1, s.stride(s.k));
    multiply(s, view(a, s, s.k), right, bias, 0, expected);
    KernelTwins.assertSame("C", actual, expected);
  }

  @Test
  void scalar_kernels_multiply_to_the_same_bits() {
    assumeTrue(Ops.kernels().lanes == KernelTwins.SCALAR.lanes, "panels of equal width");
    Gemm scalar = gemm(KernelTwins.SCALAR, 32, 512);
    for (Shape s : shapes()) {
      assertProduct(scalar, s);
      float[] b = s.matrix(s.k, s.n, 2);
      int at = s.offset;
      int ldc = s.stride(s.n);
      PackedMatrix packed = new PackedMatrix().pack(b, at, ldc, s.k, s.n);
      float[] actual = s.matrix(s.m, s.n, 3);
      float[] expected = actual.clone();
      float[] x = s.matrix(s.k, s.m, 4);
      PackedLeft left = new PackedLeft().pack(x, at, s.stride(s.m), s.k, s.m);
      scalar.multiply(s.m, left, left.data(), 0, 0, packed, actual, at, ldc, actual, at, ldc);
      multiply(s, transposed(x, s), view(b, s, s.n), expected, ldc, expected);
      KernelTwins.assertSame("C of a packed left factor", actual, expected);
    }
  }

  /** Tiles for 16 and for 32 registers, copied or not, and blocks for caches of many sizes. */
  @ParameterizedTest
  @MethodSource({"shapes", "largeShapes"})
  void no_tile_and_no_block_changes_a_bit(Shape s) {
    for (boolean fewRegisters : new boolean[] {true, false}) {
      Kernels kernels = new VectorKernels(fewRegisters);
      for (int[] caches : new int[][] {{8, 8}, {32, 256}, {32, 512}, {64, 4096}}) {
        assertProduct(gemm(kernels, caches[0], caches[1]), s);
      }
      assertProduct(new Gemm(kernels, new Gemm.Blocking(7, 100, 50, 1)), s);
    }
  }

  /** Returns products for caches of so many KiB. */
  private static Gemm gemm(Kernels kernels, int first, int second) {
    return new Gemm(kernels, Gemm.Blocking.of(kernels, new Caches(first << 10, second << 10)));
  }

  private static void assertProduct(Gemm gemm, Shape s) {
    float[] a = s.matrix(s.m, s.k, 1);
    float[] b = s.matrix(s.k, s.n, 2);
    int ldc = s.stride(s.n);
    PackedMatrix packed = new PackedMatrix().pack(b, s.offset, ldc, s.k, s.n);
    float[] actual = s.matrix(s.m, s.n, 3);
    float[] expected = actual.clone();
    gemm.multiply(
        s.m, null, a, s.offset, s.stride(s.k), packed, Gemm.ZERO, 0, 0, actual, s.offset, ldc);
    multiply(s, view(a, s, s.k), view(b, s, s.n), null, 0, expected);
    KernelTwins.assertSame("C", actual, expected);
  }

  @Test
  void every_tile_of_both_sets_is_one_chain_per_element() {
    for (Kernels kernels : List.of(KernelTwins.SCALAR, new VectorKernels(false))) {
      for (int rows = 1; rows <= kernels.tileRows; rows++) {
        for (int vectors = 1; vectors <= 2; vectors++) {
          for (int k : new int[] {1, 2, 37}) {
            Shape shape = new Shape(rows, vectors * kernels.lanes, k, 3, 5, rows);
            assertTile(kernels, shape, false);
            assertTile(kernels, shape, true);
          }
        }
      }
    }
  }

  @Test
  void a_packed_matrix_can_be_packed_again_smaller_and_larger() {
    PackedMatrix packed = new PackedMatrix();
    for (int n : new int[] {70, 3, 33, 100}) {
      Shape s = new Shape(4, n, 12, 0, 0, n);
      float[] a = s.matrix(s.m, s.k, 1);
      float[] b = s.matrix(s.k, s.n, 2);
      packed.pack(b, 0, n, s.k, n);
      float[] actual = s.matrix(s.m, n, 3);
      float[] expected = actual.clone();
      Ops.gemm(s.m, a, 0, s.k, packed, actual, 0, n, false);
      multiply(s, view(a, s, s.k), view(b, s, n), null, 0, expected);
      KernelTwins.assertSame("C", actual, expected);
      assertThat(packed.n()).isEqualTo(n);
      assertThat(packed.k()).isEqualTo(12);
    }
  }

  @Test
  void a_packed_left_factor_can_be_packed_again_smaller_and_larger() {
    PackedLeft left = new PackedLeft();
    for (int m : new int[] {70, 3, 33, 1, 100, 11}) {
      for (int k : new int[] {12, 200, 1}) {
        Shape s = new Shape(m, 9, k, 1, 2, m);
        left.pack(s.matrix(k, m, 1), s.offset, s.stride(m), k, m);
        assertPackedLeft(left, s, s.matrix(k, m, 1));
      }
    }
  }

  /** Heights of one tile and of many, more rows of X than are copied at a time. */
  @Test
  void a_left_factor_may_end_where_its_array_ends() {
    for (int m = 1; m <= 2 * Ops.kernels().tileRows + 1; m++) {
      for (int k : new int[] {1, 2, 63, 64, 65, 130}) {
        for (int gap = 0; gap <= 20; gap += 10) {
          Shape s = new Shape(m, 3, k, gap, 0, m);
          int size = (k - 1) * s.stride(m) + m;
          float[] x = KernelTwins.uniform(size, 1, RandomBits.key(m, k, gap));
          float[] before = x.clone();
          PackedLeft left = new PackedLeft().pack(x, 0, s.stride(m), k, m);
          assertPackedLeft(left, s, x);
          KernelTwins.assertSame("X", x, before);
        }
      }
    }
  }

  @Test
  void one_packed_left_factor_serves_products_of_any_width() {
    Shape large = new Shape(23, 300, 700, 0, 0, 1);
    float[] x = large.matrix(large.k, large.m, 1);
    PackedLeft left = new PackedLeft().pack(x, 0, large.m, large.k, large.m);
    for (int n : new int[] {300, 1, 33, 64}) {
      assertPackedLeft(left, new Shape(large.m, n, large.k, 0, 0, n), x);
    }
  }

  private static void assertPackedLeft(PackedLeft left, Shape s, float[] x) {
    assertThat(left.m()).isEqualTo(s.m);
    assertThat(left.k()).isEqualTo(s.k);
    float[] b = s.matrix(s.k, s.n, 2);
    PackedMatrix packed = new PackedMatrix().pack(b, s.offset, s.stride(s.n), s.k, s.n);
    float[] actual = s.matrix(s.m, s.n, 3);
    float[] expected = actual.clone();
    Ops.gemm(left, packed, actual, s.offset, s.stride(s.n), false);
    multiply(s, transposed(x, s), view(b, s, s.n), null, 0, expected);
    KernelTwins.assertSame("C of " + s, actual, expected);
  }

  /** A tile that reads A row by row, or copied. */
  private static void assertTile(Kernels kernels, Shape s, boolean copied) {
    float[] a = s.matrix(s.m, s.k, 1);
    float[] b = s.matrix(s.k, s.n, 2);
    float[] packed = new float[s.k * s.n];
    for (int p = 0; p < s.k; p++) {
      System.arraycopy(b, s.offset + p * s.stride(s.n), packed, p * s.n, s.n);
    }
    float[] start = s.matrix(s.m, s.n, 4);
    float[] actual = s.matrix(s.m, s.n, 3);
    float[] expected = actual.clone();
    int ld = s.stride(s.n);
    int at = s.offset;
    int vectors = s.n / kernels.lanes;
    View left = copied ? new View(a, at, 1, s.m) : view(a, s, s.k);
    int as = copied ? 0 : s.stride(s.k);
    kernels.tile(s.m, vectors, s.k, a, at, as, packed, 0, start, at, ld, actual, at, ld);
    multiply(s, left, view(b, s, s.n), start, ld, expected);
    String what = (copied ? "copied tile of " : "tile of ") + kernels.name + " " + s;
    KernelTwins.assertSame(what, actual, expected);
  }

  /** A = X^T for an X {@code [k, m]}. */
  private static View transposed(float[] x, Shape s) {
    return new View(x, s.offset, 1, s.stride(s.m));
  }

  private static View view(float[] x, Shape s, int columns) {
    return new View(x, s.offset, s.stride(columns), 1);
  }

  /** {@code C = start + A B} by the book; start null for zero, it may be C. */
  private static void multiply(Shape s, View a, View b, float[] start, int startStride, float[] c) {
    for (int i = 0; i < s.m; i++) {
      for (int j = 0; j < s.n; j++) {
        float sum = start == null ? 0 : start[s.offset + i * startStride + j];
        for (int p = 0; p < s.k; p++) {
          sum = Math.fma(a.get(i, p), b.get(p, j), sum);
        }
        c[s.offset + i * s.stride(s.n) + j] = sum;
      }
    }
  }
}
