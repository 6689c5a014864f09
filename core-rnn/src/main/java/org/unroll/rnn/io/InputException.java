// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

/**
 * Says that what a person gave us cannot be used: a file, an option, a prompt. The message is
 * complete and for that person: what is wrong, where, and what to do. Commands print it alone and
 * exit with 2.
 */
public class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes an exception with a message for the person. */
  public InputException(String message) {
    super(message);
  }

  /** Makes an exception with the one that revealed it, for those who ask for details. */
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
