// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.List;
import org.unroll.rnn.io.InputException;

/**
 * The result of a task of job rounds: what one worker contributes, or what several do after their
 * sums were added as far as the canonical tree allows. It is the message that resident workers
 * send, in bytes that any serializer of Spark writes fast.
 */
public final class RoundResult implements Serializable {
  private static final long serialVersionUID = 1L;

  private final byte[] message;
  private final Segment.Packed floats;

  /** The places of the workers in the words of Spark's scheduler, in the order of the shares. */
  private final String[] locations;

  /** The message that says what is wrong with the data, or null. */
  private final String inputError;

  private RoundResult(
      byte[] message, Segment.Packed floats, String[] locations, String inputError) {
    this.message = message;
    this.floats = floats;
    this.locations = locations;
    this.inputError = inputError;
  }

  RoundResult(Contribution.Message message, Segment.Packed floats, List<String> locations) {
    this(message.write().array(), floats, locations.toArray(String[]::new), null);
  }

  /** Returns the result of a task whose data are to blame: Spark would try again after a throw. */
  static RoundResult inputError(String message) {
    return new RoundResult(null, null, null, message);
  }

  /** Returns whether the data are to blame, so that there is nothing else here. */
  boolean isInputError() {
    return inputError != null;
  }

  /**
   * Returns what was contributed, without its floats.
   *
   * @throws InputException if the data are to blame
   */
  Contribution.Message message() {
    if (inputError != null) {
      throw new InputException(inputError);
    }
    ByteBuffer bytes = ByteBuffer.wrap(message);
    Messages.kind(bytes);
    return Contribution.Message.read(bytes);
  }

  Segment.Packed floats() {
    return floats;
  }

  List<String> locations() {
    return List.of(locations);
  }

  /** Returns the classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {
      RoundTask.Params.class, WorkerPlan.class, Segment.Packed.class, byte[][].class, String[].class
    };
  }
}
