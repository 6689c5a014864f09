// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;

/** Tokens and seconds of rounds, for reports. */
final class Throughput {
  /** Rounds that do not count for the steady state: the virtual machine compiles, workers start. */
  static final int WARM_UP = 2;

  /** How many {@link #numbers} there are. */
  static final int NUMBERS = 4;

  private long rounds;
  private double tokens;
  private double seconds;
  private double steadyTokens;
  private double steadySeconds;

  void add(double roundTokens, double roundSeconds) {
    tokens += roundTokens;
    seconds += roundSeconds;
    if (++rounds > WARM_UP) {
      steadyTokens += roundTokens;
      steadySeconds += roundSeconds;
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
    return steadyTokens == 0 ? perSecond() : steadyTokens / steadySeconds;
  }

  /** All there is to {@link #restore} in another process, which has to warm up again. */
  List<Double> numbers() {
    return List.of(tokens, seconds, steadyTokens, steadySeconds);
  }

  void restore(List<Double> numbers) {
    tokens = numbers.get(0);
    seconds = numbers.get(1);
    steadyTokens = numbers.get(2);
    steadySeconds = numbers.get(3);
  }
}
