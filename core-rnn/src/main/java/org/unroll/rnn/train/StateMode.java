// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** Where the hidden state of a training window comes from. Evaluation always carries it. */
public enum StateMode {
  /** From the window before (stateful truncated BPTT); zero at the start of an epoch. */
  CARRY,
  /** Zero for every window. */
  ZERO,
  /** Standard normal for every window, drawn from (seed, step, shard). */
  RANDOM,
  /** A trained parameter for every window. */
  LEARNED
}
