// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

/**
 * The error that the cluster does not give what a command needs, or no longer. The message is for
 * people: which worker, where, and why.
 */
public class ClusterException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** Makes an error that says what is wrong, where, and what to do. */
  public ClusterException(String message) {
    super(message);
  }

  /** Makes the same error with what Spark said. */
  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
