// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.util.function.UnaryOperator;
import org.unroll.rnn.io.InputException;

/** One of those who do the same work to be compared: speaks the protocol of {@link BenchWorker}. */
public final class Contender {
  private final String name;
  private final UnaryOperator<String> link;

  /**
   * @param name what people call it
   * @param link answers a request
   */
  Contender(String name, UnaryOperator<String> link) {
    this.name = name;
    this.link = link;
  }

  /**
   * What some runs of the prepared work took, all in all.
   *
   * @param seconds by the contender's own clock
   * @param bytes allocated by it, NaN where it does not tell
   */
  record Sample(double seconds, double bytes) {
    /** A run's share. */
    Sample dividedBy(long times) {
      return new Sample(seconds / times, bytes / times);
    }
  }

  /** Such as {@code pytorch}. */
  public String name() {
    return name;
  }

  /** What it does the work with: kernels and versions. */
  String about() {
    return ask("about");
  }

  /** Prepares a workload and forgets the one before. */
  void prepare(String workload) {
    ask(workload);
  }

  /** Does the prepared work some times. */
  Sample run(long times) {
    String[] numbers = ask("run " + times).split(" ");
    double bytes = numbers.length > 1 ? Double.parseDouble(numbers[1]) : Double.NaN;
    return new Sample(Double.parseDouble(numbers[0]), bytes);
  }

  /** Bytes of what the prepared work happens in. */
  long workspaceBytes() {
    return Long.parseLong(ask("workspace"));
  }

  /** The machine's limit in GFLOP/s, measured for some seconds. */
  double limit(double seconds) {
    return Double.parseDouble(ask("limit " + seconds));
  }

  private String ask(String request) {
    String answer = link.apply(request);
    if (answer.startsWith("error ")) {
      throw new InputException(answer.substring("error ".length()));
    }
    if (!answer.equals("ok") && !answer.startsWith("ok ")) {
      throw new UnusableChildException(
          name + " answered '" + answer + "' to '" + request + "', which is no answer");
    }
    return answer.substring("ok".length()).strip();
  }
}
