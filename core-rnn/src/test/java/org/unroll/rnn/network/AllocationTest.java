// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.ChildJvm;

/** Buffers are allocated once: a training that runs leaves the garbage collector nothing to do. */
public class AllocationTest {

  /**
   * Runs in a JVM that waits for its compiler, so that it is warm after the same passes every time.
   */
  @Test
  void a_warm_pass_allocates_next_to_nothing() throws Exception {
    assertNextToNothing(AllocationProbe.class, AllocationProbe.cases().size());
  }

  /** Runs a probe that prints a line with a name and the bytes of a pass for every case. */
  public static void assertNextToNothing(Class<?> probe, int cases) throws Exception {
    ChildJvm.Result child =
        ChildJvm.run(List.of("--add-modules=jdk.incubator.vector", "-Xbatch"), probe);
    assertThat(child.exit()).as(child.errors()).isZero();
    assertThat(child.output().lines())
        .hasSize(cases)
        .allSatisfy(
            line -> {
              long bytes = Long.parseLong(line.substring(line.indexOf(' ') + 1));
              assertThat(bytes).as(line).isLessThan(AllocationProbe.BOUND);
            });
  }
}
