// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

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
  @Param({"256x2048x512", "20x2600x650", "50x512x128"})
  public String shape;

  @Param public GemmCase.Form form;

  private GemmStep step;

  /** Draws the factors. */
  @Setup
  public void prepare() {
    step =
        GemmCase.parse(shape).stream()
            .filter(gemm -> gemm.form() == form)
            .map(GemmStep::new)
            .findFirst()
            .orElseThrow();
  }

  /** One product. */
  @Benchmark
  public float[] product() {
    step.run();
    return step.result();
  }
}
