// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

/** The class that {@code spark-submit} starts. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.err.println("Usage: unroll COMMAND [options] [@preset]");
    System.exit(2);
  }
}
