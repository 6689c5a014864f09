// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;
import org.unroll.rnn.io.InputException;

/**
 * What a task found in its chunks. A problem with the input travels as a result: thrown, Spark
 * would try the task again, and the first of several problems to arrive would be the one that is
 * told.
 *
 * @param counts numbers by chunk
 * @param digests of the chunks' bytes, one behind the other
 * @param problem what is wrong with the input, or null
 */
@DefaultSerializer(JavaSerializer.class)
record TaskResult(long[] counts, byte[] digests, String problem) implements Serializable {

  static TaskResult of(InputException problem) {
    return new TaskResult(new long[0], new byte[0], problem.getMessage());
  }

  /**
   * Checks results, which come in the order of the corpus.
   *
   * @throws InputException with the first problem, if there is one
   */
  static void requireNoProblem(List<TaskResult> results) {
    for (TaskResult result : results) {
      if (result.problem != null) {
        throw new InputException(result.problem);
      }
    }
  }
}
