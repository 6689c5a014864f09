// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import org.unroll.rnn.io.InputException;

/** A row that cannot be used ends the command. */
final class BadInputRowException extends InputException {
  private static final long serialVersionUID = 1L;

  private final RowKey key;

  BadInputRowException(RowKey key, String message) {
    super(message);
    this.key = key;
  }

  /** Where it stands: of several, the first is told. */
  RowKey key() {
    return key;
  }
}
