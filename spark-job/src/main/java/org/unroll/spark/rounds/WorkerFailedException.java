// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import org.unroll.spark.cluster.ClusterException;

/** The workers of a run cannot go on; the message says which, where and why, for people. */
public final class WorkerFailedException extends ClusterException {
  private static final long serialVersionUID = 1L;

  WorkerFailedException(String message) {
    super(message);
  }

  WorkerFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
