// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import org.junit.jupiter.api.Test;

/**
 * Once a runner has seen its largest batch, its passes leave the garbage collector nothing to do.
 */
class ReaderAllocationTest {

  @Test
  void a_warm_pass_allocates_next_to_nothing() throws Exception {
    AllocationTest.assertNextToNothing(ReaderAllocationProbe.class, 4);
  }
}
