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

/**
 * A cell's arithmetic between the products of one step, and the softmax. Most of it works in place,
 * so each run begins with a copy: without it numbers would shrink from run to run, until they are
 * denormal and slow.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class CellBenchmark {
  private static final int LSTM_GATES = 4;

  @Param({"20", "50"})
  public int rows;

  @Param({"128", "650"})
  public int width;

  private float[] given;
  private float[] gates;
  private float[] candidate;
  private float[] states;
  private float[] h;
  private float[] dy;
  private float[] dh;
  private float[] dc;
  private float[] bias;
  private float[] max;
  private float[] sums;
  private CellStep lstm;
  private CellStep gru;

  /** Draws all numbers. */
  @Setup
  public void prepare() {
    int size = rows * width;
    given = uniform(LSTM_GATES * size, 1);
    gates = new float[LSTM_GATES * size];
    candidate = new float[size];
    states = uniform(2 * size, 2);
    h = new float[2 * size];
    dy = uniform(size, 4);
    dh = uniform(size, 5);
    dc = new float[size];
    bias = uniform(LSTM_GATES * width, 6);
    max = new float[rows];
    sums = new float[rows];
    float[] none = {};
    lstm = new CellStep(LSTM_GATES, width, gates, h, states, none);
    gru = new CellStep(LSTM_GATES - 1, width, gates, states, none, candidate);
    for (CellStep step : new CellStep[] {lstm, gru}) {
      step.move(rows, 0, size, 0).take(dy, dh, h, dc, 0);
    }
  }

  private static float[] uniform(int size, long key) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = RandomBits.uniform(key, i);
    }
    return x;
  }

  private void restore() {
    System.arraycopy(given, 0, gates, 0, gates.length);
    System.arraycopy(given, 0, candidate, 0, candidate.length);
    System.arraycopy(given, 0, dc, 0, dc.length);
  }

  /** The copy that every other figure includes. */
  @Benchmark
  public float[] copyOnly() {
    restore();
    return gates;
  }

  /** Gates, state and output of an LSTM's step. */
  @Benchmark
  public float[] lstmForward() {
    restore();
    Ops.forward(CellKernels::lstmForward, lstm);
    return h;
  }

  /** Gradients of an LSTM's step. */
  @Benchmark
  public float[] lstmBackward() {
    restore();
    Ops.backward(CellKernels::lstmBackward, lstm);
    return gates;
  }

  /** Gates and state of a GRU's step. */
  @Benchmark
  public float[] gruForward() {
    restore();
    Ops.forward(CellKernels::gruForward, gru);
    return states;
  }

  /** Gradients of a GRU's step. */
  @Benchmark
  public float[] gruBackward() {
    restore();
    Ops.backward(CellKernels::gruBackward, gru);
    return gates;
  }

  /** Exponentials and their sums of {@code rows} columns of {@code 4 width} logits. */
  @Benchmark
  public float[] softmax() {
    restore();
    int logits = LSTM_GATES * width;
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    Arrays.fill(sums, 0);
    Ops.columnMax(logits, rows, gates, 0, bias, 0, max);
    Ops.columnExp(logits, rows, gates, 0, bias, 0, max, sums);
    return sums;
  }
}
