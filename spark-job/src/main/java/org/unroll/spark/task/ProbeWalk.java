// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Steps of a walk for a probe.
 *
 * @param places their ids {@code [N]}
 * @param states {@code [N][W]}
 * @param observations {@code [N][O]}
 */
@DefaultSerializer(JavaSerializer.class)
record ProbeWalk(int[] places, Vector[] states, Vector[] observations) implements Serializable {

  /** A place, a state and an observation each. */
  Iterator<Row> rows() {
    List<Row> rows = new ArrayList<>(places.length);
    for (int i = 0; i < places.length; i++) {
      rows.add(RowFactory.create((double) places[i], states[i], observations[i]));
    }
    return rows.iterator();
  }
}
