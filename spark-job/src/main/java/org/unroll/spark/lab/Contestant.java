// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

/** What is measured in turns to tell what a round costs. */
public enum Contestant {
  /** A round of workers that stay. */
  RESIDENT("resident"),
  /** The same with numbers of 16 bits on the way. */
  RESIDENT_BF16("bf16"),
  /** A round that is a Spark job. */
  JOB("job"),
  /** A Spark job with as many tasks as workers, which do nothing. */
  EMPTY_JOB("empty"),
  /** A copy in memory of the bytes that a round moves: to every worker and back. */
  COPY("copy");

  private final String words;

  Contestant(String words) {
    this.words = words;
  }

  /** Its name for people. */
  public String words() {
    return words;
  }
}
