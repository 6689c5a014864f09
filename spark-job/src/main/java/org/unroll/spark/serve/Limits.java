// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.time.Duration;
import org.unroll.rnn.math.Checks;

/**
 * Limits are what a server takes from its clients, so that none of them can keep it from the
 * others.
 *
 * @param body bytes of a request
 * @param promptTokens tokens of a prompt, and steps of all rows of a request
 * @param maxTokens tokens that a request may have written for each of its choices
 * @param choices texts, or rows, that a request may ask for at once
 * @param sessions texts that are written side by side
 * @param rate requests a second and client, over ten seconds; 0 for any number
 * @param request time from its first byte to the end of the answer
 * @param sending time that a client may take to send a request
 */
public record Limits(
    int body,
    int promptTokens,
    int maxTokens,
    int choices,
    int sessions,
    int rate,
    Duration request,
    Duration sending) {

  /** What is so where nobody says otherwise. */
  public static final Limits USUAL =
      new Limits(
          1 << 20, 8192, 4096, 128, 64, 100, Duration.ofSeconds(120), Duration.ofSeconds(10));

  public Limits {
    Checks.positive("body", body);
    Checks.positive("prompt tokens", promptTokens);
    Checks.positive("max tokens", maxTokens);
    Checks.positive("choices", choices);
    Checks.positive("sessions", sessions);
    Checks.notNegative("rate", rate);
  }
}
