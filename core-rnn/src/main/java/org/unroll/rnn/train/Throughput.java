// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** Tokens and seconds of rounds, for reports. */
final class Throughput {
  /** Rounds that do not count for the steady state: the virtual machine compiles, workers start. */
  static final int WARM_UP = 2;

  private long rounds;
  private double tokens;
  private double seconds;
  private double warmUpTokens;
  private double warmUpSeconds;

  void add(double roundTokens, double roundSeconds) {
    tokens += roundTokens;
    seconds += roundSeconds;
    if (++rounds <= WARM_UP) {
      warmUpTokens = tokens;
      warmUpSeconds = seconds;
    }
  }

  double seconds() {
    return seconds;
  }

  double perSecond() {
    return tokens / seconds;
  }

  /** Without the first rounds; with them if there are no others. */
  double steadyPerSecond() {
    return rounds <= WARM_UP ? perSecond() : (tokens - warmUpTokens) / (seconds - warmUpSeconds);
  }
}
