// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VectorModuleTest {
  @Test
  void tests_run_with_the_vector_module_and_its_bounds_checks() {
    assertThat(ModuleLayer.boot().findModule("jdk.incubator.vector")).isPresent();
    assertThat(Integer.getInteger("jdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK")).isEqualTo(2);
  }
}
