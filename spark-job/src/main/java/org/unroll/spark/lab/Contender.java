// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.unroll.rnn.io.InputException;

/**
 * One of those who do the same work to be compared, behind the protocol of {@link BenchWorker}.
 *
 * @param name what people call it, such as {@code pytorch}
 * @param link answers a request
 */
public record Contender(String name, UnaryOperator<String> link) {
  /** The bytes of a contender that does not tell them. */
  public static final long UNKNOWN = -1;

  /**
   * The cost of a run of the prepared work, the mean of some.
   *
   * @param seconds by the contender's own clock
   * @param bytes allocated by it, NaN where it does not tell
   */
  record Sample(double seconds, double bytes) {}

  /** Returns what it does the work with: kernels and versions. */
  String about() {
    return ask("about");
  }

  /** Prepares a workload and forgets the one before. */
  void prepare(String workload) {
    ask(workload);
  }

  /** Does the prepared work some times, and returns what one of them cost. */
  Sample run(long times) {
    String[] numbers = ask("run " + times).split(" ");
    double bytes = numbers.length > 1 ? Double.parseDouble(numbers[1]) : Double.NaN;
    return new Sample(Double.parseDouble(numbers[0]) / times, bytes / times);
  }

  /**
   * Does the prepared work for a while, and returns what shares of the time its parts take; none
   * where no sample was taken.
   */
  public Map<String, Double> profile(double seconds) {
    Map<String, Double> shares = new LinkedHashMap<>();
    String answer = ask("profile " + seconds);
    for (String part : answer.isEmpty() ? new String[0] : answer.split(";")) {
      String[] words = part.split("=");
      shares.put(words[0], Double.valueOf(words[1]));
    }
    return shares;
  }

  /** Returns the bytes of what the prepared work happens in, or {@link #UNKNOWN}. */
  long workspaceBytes() {
    String answer = link.apply("workspace");
    return answer.matches("ok \\d+") ? Long.parseLong(answer.substring(3)) : UNKNOWN;
  }

  /** Returns the machine's limit in GFLOP/s, measured for some seconds. */
  double limit(double seconds) {
    return Double.parseDouble(ask("limit " + seconds));
  }

  private String ask(String request) {
    String answer = link.apply(request);
    if (answer.startsWith("error ")) {
      throw new InputException(answer.substring("error ".length()));
    }
    if (!answer.equals("ok") && !answer.startsWith("ok ")) {
      throw new Roster.ChildProcess.UnusableException(
          name + " answered '" + answer + "' to '" + request + "', which is no answer", null);
    }
    return answer.substring("ok".length()).strip();
  }
}
