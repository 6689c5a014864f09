// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.Type;

/**
 * A column of a shard: its type, and what a row has in it.
 *
 * @param type a primitive, or a list in the form that all readers of Parquet take for one
 * @param repeats whether values return, so that a dictionary of them is worth its place
 * @param value of a row: a text, an {@code Integer} or {@code Long}; or a list: {@code int[]},
 *     {@code float[]} or texts; null where the row has none
 */
record ShardColumn<T>(Type type, boolean repeats, Function<T, Object> value) {
  private static final String LIST = "list";
  private static final String ELEMENT = "element";

  String name() {
    return type.getName();
  }

  /** Returns the name that a file has for the column of values. */
  String path() {
    return type.isPrimitive() ? name() : String.join(".", name(), LIST, ELEMENT);
  }

  /**
   * Writes the value of a row, if it has one.
   *
   * @param field the place of the column among all
   */
  void write(RecordConsumer out, int field, T row) {
    Object found = value.apply(row);
    if (found == null) {
      return;
    }
    out.startField(name(), field);
    if (found instanceof String text) {
      out.addBinary(Binary.fromString(text));
    } else if (found instanceof Integer number) {
      out.addInteger(number);
    } else if (found instanceof Long number) {
      out.addLong(number);
    } else if (found instanceof int[] ids) {
      write(out, ids.length, i -> out.addInteger(ids[i]));
    } else if (found instanceof float[] numbers) {
      write(out, numbers.length, i -> out.addFloat(numbers[i]));
    } else {
      List<?> texts = (List<?>) found;
      write(out, texts.size(), i -> out.addBinary(Binary.fromString((String) texts.get(i))));
    }
    out.endField(name(), field);
  }

  private static void write(RecordConsumer out, int count, IntConsumer element) {
    out.startGroup();
    if (count > 0) {
      out.startField(LIST, 0);
      for (int i = 0; i < count; i++) {
        out.startGroup();
        out.startField(ELEMENT, 0);
        element.accept(i);
        out.endField(ELEMENT, 0);
        out.endGroup();
      }
      out.endField(LIST, 0);
    }
    out.endGroup();
  }
}
