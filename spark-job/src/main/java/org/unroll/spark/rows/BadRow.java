// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import org.unroll.rnn.io.InputException;

/**
 * A record that cannot be used as a row. It travels from the task that met it to the driver as a
 * result: were it thrown there, Spark would try the task again, and of several the first to arrive
 * would be told instead of the first in the input.
 *
 * @param key the place of the record
 * @param reason what is wrong with it, as the rest of a sentence: {@code it has no label}
 * @param fatal whether the input itself cannot be used; the reason then is a whole message
 */
@DefaultSerializer(JavaSerializer.class)
public record BadRow(RowKey key, String reason, boolean fatal)
    implements RowSource.Parsed, Serializable {
  private static final long serialVersionUID = 1L;

  /** A problem of a record that is left out if the user wants that. */
  public BadRow(RowKey key, String reason) {
    this(key, reason, false);
  }

  /**
   * Returns the error that ends the command because of this record.
   *
   * @param where line and file
   */
  public InputException exception(String where) {
    return new InputException(
        fatal
            ? reason
            : ("The row in %s cannot be used: %s. Mend or remove it, or leave such rows"
                    + " out with --on-bad-row skip.")
                .formatted(where, reason));
  }
}
