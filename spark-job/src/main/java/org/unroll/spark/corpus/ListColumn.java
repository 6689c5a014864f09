// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.List;
import java.util.function.IntConsumer;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * A column of a shard whose values are lists, in the form that all readers of Parquet take for one.
 *
 * @param name of the column
 * @param field its place among the columns
 */
record ListColumn(String name, int field) {
  private static final String LIST = "list";
  private static final String ELEMENT = "element";

  /** Returns the type of a column that every row has. */
  static Type required(String name, PrimitiveTypeName element) {
    return Types.requiredGroup()
        .as(LogicalTypeAnnotation.listType())
        .repeatedGroup()
        .required(element)
        .named(ELEMENT)
        .named(LIST)
        .named(name);
  }

  /** Returns the type of a column of texts that a row may lack. */
  static Type optionalTexts(String name) {
    return Types.optionalGroup()
        .as(LogicalTypeAnnotation.listType())
        .repeatedGroup()
        .required(PrimitiveTypeName.BINARY)
        .as(LogicalTypeAnnotation.stringType())
        .named(ELEMENT)
        .named(LIST)
        .named(name);
  }

  /** Returns the type of a column of numbers that a row may lack. */
  static Type optionalFloats(String name) {
    return Types.optionalGroup()
        .as(LogicalTypeAnnotation.listType())
        .repeatedGroup()
        .required(PrimitiveTypeName.FLOAT)
        .named(ELEMENT)
        .named(LIST)
        .named(name);
  }

  /** Writes the first {@code count} of some ids. */
  void write(RecordConsumer out, int[] ids, int count) {
    write(out, count, i -> out.addInteger(ids[i]));
  }

  /** Writes numbers. */
  void write(RecordConsumer out, float[] values) {
    write(out, values.length, i -> out.addFloat(values[i]));
  }

  /** Writes texts. */
  void write(RecordConsumer out, List<String> texts) {
    write(out, texts.size(), i -> out.addBinary(Binary.fromString(texts.get(i))));
  }

  private void write(RecordConsumer out, int count, IntConsumer element) {
    out.startField(name, field);
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
    out.endField(name, field);
  }
}
