// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.List;
import java.util.function.Predicate;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.FrameRows;

/** Columns of data frames, looked at before anything is computed. */
final class Columns {
  private Columns() {}

  /** Returns a column whatever characters its name has. */
  static Column column(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  /**
   * Returns the field of a column.
   *
   * @param param that names it
   * @throws InputException if it is not there
   */
  static StructField require(StructType schema, String name, String param) {
    if (!List.of(schema.fieldNames()).contains(name)) {
      throw new InputException(
          "The data frame has no column '%s' (%s). It has %s."
              .formatted(name, param, String.join(", ", schema.fieldNames())));
    }
    return schema.apply(name);
  }

  /**
   * Checks the column that is read.
   *
   * @param name of it, or null if nobody said
   * @throws InputException if it is not there, or is nothing that can be read
   */
  static void requireInput(StructType schema, String name) {
    if (name == null) {
      throw new InputException(
          "inputCol is not set: name the column of sequences, as in setInputCol(\"text\").");
    }
    DataType type = require(schema, name, "inputCol").dataType();
    if (!FrameRows.canRead(type)) {
      throw new InputException(
          ("The column '%s' (inputCol) is of type %s, but it must have strings, arrays of strings,"
                  + " vectors, or arrays of vectors or numbers.")
              .formatted(name, type.simpleString()));
    }
    if (name.contains(",")) {
      throw new InputException(
          "The column '%s' (inputCol) has a comma in its name: rename it.".formatted(name));
    }
  }

  /**
   * Checks the column that is learnt.
   *
   * @param learnable whether values of a type can be learnt
   * @param what can be, as the rest of a sentence
   * @throws InputException if it is not there, or has values of another type
   */
  static void requireLabel(
      StructType schema, String name, Predicate<DataType> learnable, String what) {
    DataType type = require(schema, name, "labelCol").dataType();
    if (!learnable.test(type)) {
      throw new InputException(
          "The column '%s' (labelCol) is of type %s, but %s."
              .formatted(name, type.simpleString(), what));
    }
  }

  /** Returns whether values of a type are texts or lists of texts. */
  static boolean isText(DataType type) {
    return type instanceof ArrayType list
        ? list.elementType() instanceof StringType
        : type instanceof StringType;
  }

  /** Returns the type of vectors. */
  static DataType vector() {
    return SQLDataTypes.VectorType();
  }

  /**
   * Returns a schema with further columns.
   *
   * @throws InputException if there is a column of the name of one of them
   */
  static StructType plus(StructType schema, StructType more) {
    StructType all = schema;
    for (StructField field : more.fields()) {
      if (List.of(schema.fieldNames()).contains(field.name())) {
        throw new InputException(
            "The data frame has a column '%s' already: drop it, or give the new one another name."
                .formatted(field.name()));
      }
      all = all.add(field);
    }
    return all;
  }
}
