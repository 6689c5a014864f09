// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

/** The cluster does not give what a command needs, or no longer; the message is for people. */
public class ClusterException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, where, and what to do. */
  public ClusterException(String message) {
    super(message);
  }

  /** The same with what Spark said. */
  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
