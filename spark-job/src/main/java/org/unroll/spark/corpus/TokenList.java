// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** The column of ids, in the form that all readers of Parquet take for a list. */
final class TokenList {
  private static final String NAME = "tokens";
  private static final String LIST = "list";
  private static final String ELEMENT = "element";

  private TokenList() {}

  static Type type() {
    return Types.requiredGroup()
        .as(LogicalTypeAnnotation.listType())
        .repeatedGroup()
        .required(PrimitiveTypeName.INT32)
        .named(ELEMENT)
        .named(LIST)
        .named(NAME);
  }

  static void write(RecordConsumer out, int field, int[] tokens, int count) {
    out.startField(NAME, field);
    out.startGroup();
    if (count > 0) {
      out.startField(LIST, 0);
      for (int i = 0; i < count; i++) {
        out.startGroup();
        out.startField(ELEMENT, 0);
        out.addInteger(tokens[i]);
        out.endField(ELEMENT, 0);
        out.endGroup();
      }
      out.endField(LIST, 0);
    }
    out.endGroup();
    out.endField(NAME, field);
  }
}
