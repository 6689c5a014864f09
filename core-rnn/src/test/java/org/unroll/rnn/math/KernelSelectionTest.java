// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.ChildJvm;
import org.unroll.rnn.TrainingDigest;
import org.unroll.rnn.nn.CellType;

/** Kernels are chosen at the start of a JVM, so every choice is made in one of its own. */
class KernelSelectionTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";
  private static final String[] CELLS =
      Arrays.stream(CellType.values()).map(Enum::name).toArray(String[]::new);

  @Test
  void vectors_are_chosen_where_the_module_is() throws Exception {
    ChildJvm.Result child = ChildJvm.run(List.of(MODULE), TrainingDigest.class);
    assertThat(child.output()).isEqualTo("kernels " + Ops.describeKernels() + "\n");
    assertThat(child.errors()).doesNotContain("several times slower");
    assertThat(child.exit()).isZero();
  }

  @Test
  void without_the_module_scalars_run_with_one_warning() throws Exception {
    ChildJvm.Result child = ChildJvm.run(List.of(), TrainingDigest.class, "RNN_TANH");
    assertThat(child.output()).startsWith("kernels scalar\nRNN_TANH ");
    assertThat(child.errors())
        .containsOnlyOnce("several times slower")
        .contains("the module jdk.incubator.vector is not there")
        .contains(MODULE);
    assertThat(child.exit()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void the_property_forces_a_set(String kernels) throws Exception {
    ChildJvm.Result child =
        ChildJvm.run(List.of(MODULE, "-Dunroll.kernels=" + kernels), TrainingDigest.class);
    assertThat(child.output()).startsWith("kernels " + kernels);
    assertThat(child.errors()).doesNotContain("several times slower");
    assertThat(child.exit()).isZero();
  }

  @Test
  void vectors_that_are_forced_and_impossible_are_an_error() throws Exception {
    ChildJvm.Result child = ChildJvm.run(List.of("-Dunroll.kernels=vector"), TrainingDigest.class);
    assertThat(child.exit()).isEqualTo(1);
    assertThat(child.output()).isEmpty();
    assertThat(child.errors())
        .contains("property unroll.kernels is vector")
        .contains("the module jdk.incubator.vector is not there")
        .contains(MODULE);
  }

  @Test
  void an_unknown_set_is_an_error_that_names_those_there_are() throws Exception {
    ChildJvm.Result child =
        ChildJvm.run(List.of(MODULE, "-Dunroll.kernels=fast"), TrainingDigest.class);
    assertThat(child.exit()).isEqualTo(1);
    assertThat(child.errors())
        .contains("property unroll.kernels is 'fast'; it can be scalar or vector");
  }

  @Test
  void every_set_width_and_cache_trains_to_the_same_bits() throws Exception {
    String scalar = parameters("scalar", "-Dunroll.kernels=scalar");
    assertThat(scalar.lines()).hasSize(CELLS.length).doesNotHaveDuplicates();
    assertThat(parameters(Ops.describeKernels(), MODULE)).isEqualTo(scalar);
    String small = "-Dunroll.caches=8K,16K";
    assertThat(parameters(Ops.describeKernels(), MODULE, small)).isEqualTo(scalar);
    if (hasAvx512()) {
      assertThat(parameters("vector, 8 lanes", MODULE, "-XX:UseAVX=2")).isEqualTo(scalar);
    }
  }

  private static boolean hasAvx512() {
    boolean x86 = System.getProperty("os.arch").matches("amd64|x86_64");
    return x86 && Ops.kernels().lanes == 16;
  }

  /** A line for each cell with the digest of its parameters after a training. */
  private static String parameters(String kernels, String... jvmOptions)
      throws IOException, InterruptedException {
    ChildJvm.Result child = ChildJvm.run(List.of(jvmOptions), TrainingDigest.class, CELLS);
    assertThat(child.exit()).as(child.errors()).isZero();
    List<String> lines = new ArrayList<>(child.output().lines().toList());
    assertThat(lines.remove(0)).isEqualTo("kernels " + kernels);
    return String.join("\n", lines);
  }
}
