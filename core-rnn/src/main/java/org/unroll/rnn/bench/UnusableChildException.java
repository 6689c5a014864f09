// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

/** A child process does not start, ends too early, or does not speak the protocol. */
final class UnusableChildException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnusableChildException(String message) {
    super(message);
  }

  UnusableChildException(String message, Throwable cause) {
    super(message, cause);
  }
}
