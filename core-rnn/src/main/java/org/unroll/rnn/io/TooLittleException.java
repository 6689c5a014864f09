// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

/**
 * Says that data are in order and too few for what was asked for. More of them may be enough, so
 * that a command that will be started again can wait for those.
 */
public final class TooLittleException extends InputException {
  private static final long serialVersionUID = 1L;

  /** Makes an exception with a message for the person, as {@link InputException} has it. */
  public TooLittleException(String message) {
    super(message);
  }
}
