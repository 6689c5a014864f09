// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;

/** Where a driver listens for its workers. */
record HubAddress(String host, int port) implements Serializable {
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
