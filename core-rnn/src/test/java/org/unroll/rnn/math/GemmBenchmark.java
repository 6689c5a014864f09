// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Single matrix products, in the forms and shapes that {@code bench kernels} compares. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class GemmBenchmark {
  /** M, N and K of {@code C [M, N] = A [M, K] B [K, N]}. */
  @Param({"256x2048x512", "20x2600x650", "50x512x128"})
  public String shape;

  private final PackedMatrix packed = new PackedMatrix();
  private final PackedLeft left = new PackedLeft();
  private int m;
  private int n;
  private int k;
  private float[] a;
  private float[] b;
  private float[] c;

  /** Draws the factors. */
  @Setup
  public void prepare() {
    int[] sizes = Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
    m = sizes[0];
    n = sizes[1];
    k = sizes[2];
    a = uniform(m * k, 1);
    b = uniform(k * n, 2);
    c = new float[m * n];
    packed.pack(b, 0, n, k, n);
  }

  private static float[] uniform(int size, long key) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = RandomBits.uniform(key, i) - 0.5f;
    }
    return x;
  }

  /** {@code C = A B}, B packed beforehand: inputs times weights. */
  @Benchmark
  public float[] forward() {
    Ops.gemm(m, a, 0, k, packed, c, 0, n, false);
    return c;
  }

  /** {@code C += A B}, B packed beforehand: a step's recurrent product. */
  @Benchmark
  public float[] accumulate() {
    Ops.gemm(m, a, 0, k, packed, c, 0, n, true);
    return c;
  }

  /** {@code C += A^T B} with A {@code [K, M]} and both packed each time. */
  @Benchmark
  public float[] weightGradient() {
    packed.pack(b, 0, n, k, n);
    left.pack(a, 0, m, k, m);
    Ops.gemm(left, packed, c, 0, n, true);
    return c;
  }
}
