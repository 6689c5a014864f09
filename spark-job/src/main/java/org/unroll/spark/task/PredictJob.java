// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.network.Search;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.store.OutputFolder;
import scala.Tuple2;

/**
 * Has a model of any task answer for rows, as a Spark job that writes the answers in the order of
 * the rows.
 */
public final class PredictJob {
  /** What makes Spark's tables those that are read here, where quotes of TSV are text. */
  private static final Map<String, String> TABLE =
      Map.of(
          "header", "true",
          "emptyValue", "",
          "ignoreLeadingWhiteSpace", "false",
          "ignoreTrailingWhiteSpace", "false");

  /** Folders of answers, as Spark writes them. */
  public static final OutputFolder.Kind ANSWERS =
      new OutputFolder.Kind(
          "predict", "the answers", Pattern.compile("\\..*|_SUCCESS|part-.*"), Optional.empty());

  /** What no value of TSV can have. */
  private static final Pattern BETWEEN_VALUES = Pattern.compile("[\\t\\r\\n]");

  private PredictJob() {}

  /** The forms that answers are written in. */
  public enum Format {
    CSV,
    TSV,
    JSONL,
    PARQUET
  }

  /**
   * Writes a folder of files, whole or not at all: an {@code id} for every row, which is that of
   * the input or else the row's number from 1, and what the model says.
   *
   * @return how many rows there are
   */
  public static long write(
      SparkSession session,
      TaskModel model,
      RowSet data,
      Search search,
      OutputFolder out,
      Format format) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    boolean tabs = format == Format.TSV;
    boolean flat = tabs || format == Format.CSV;
    SharedModel shared = SharedModel.of(session, model, search);
    try {
      Answers answering = new Answers(shared, flat, tabs);
      JavaRDD<Row> rows = data.numbered().mapPartitions(answering::of);
      StructType schema = new StructType().add("id", DataTypes.StringType, false);
      for (StructField column : model.task().columns().fields()) {
        boolean joined = flat && column.dataType() instanceof ArrayType;
        schema = schema.add(column.name(), joined ? DataTypes.StringType : column.dataType());
      }
      Dataset<Row> answers = session.createDataFrame(rows, schema);
      out.write(
          folder -> {
            try {
              write(answers.write(), format, folder.path().toString());
            } finally {
              Slots.awaitIdle(spark);
            }
            folder.adoptParts(format.name().toLowerCase(Locale.ROOT), data.partitionRows());
          },
          "The answers could not be written to " + out.show());
      return data.count();
    } finally {
      shared.destroy();
    }
  }

  /** Counts the tokens of rows that a model does not know, by a Spark job if it reads any. */
  public static UnknownTokens unknown(SparkSession session, TaskModel model, RowSet data) {
    if (model.encoder().vocabularies().isEmpty()) {
      return UnknownTokens.NONE;
    }
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<RowEncoder> shared = spark.broadcast(model.encoder());
    Task task = model.task();
    try {
      return data.rows()
          .map(row -> task.unknown(row, shared.value()))
          .fold(UnknownTokens.NONE, UnknownTokens::plus);
    } finally {
      shared.destroy();
    }
  }

  private static void write(DataFrameWriter<Row> writer, Format format, String path) {
    switch (format) {
      case CSV -> writer.options(TABLE).option("escape", "\"").csv(path);
      case TSV -> writer.options(TABLE).option("sep", "\t").option("quote", "").csv(path);
      case JSONL -> writer.json(path);
      case PARQUET -> writer.parquet(path);
    }
  }

  /**
   * Returns lists as texts, for people and for formats that have none; anything else as it is. Of a
   * task that writes, texts have blanks of their own, and become a list of JSON.
   */
  public static Object joined(Object value, Task task) {
    if (value instanceof float[][] vectors) {
      return Arrays.stream(vectors)
          .map(vector -> (String) joined(vector, task))
          .collect(Collectors.joining("; "));
    }
    if (value instanceof float[] numbers) {
      StringBuilder text = new StringBuilder();
      for (float number : numbers) {
        text.append(text.isEmpty() ? "" : " ").append(number);
      }
      return text.toString();
    }
    if (value instanceof String[] texts) {
      return task instanceof Writing ? Json.list(texts) : String.join(" ", Arrays.asList(texts));
    }
    return value;
  }

  /**
   * Makes the answers for a partition.
   *
   * @param flat whether lists become texts
   * @param tabs whether values stand between tabs
   */
  private record Answers(SharedModel model, boolean flat, boolean tabs) implements Serializable {
    Iterator<Row> of(Iterator<Tuple2<Long, SequenceRow>> rows) {
      return model.answers(rows, Tuple2::_2, this::answer);
    }

    private Row answer(Tuple2<Long, SequenceRow> row, Object... told) {
      Object[] all = new Object[told.length + 1];
      all[0] = row._2().id() == null ? Long.toString(row._1() + 1) : row._2().id();
      for (int i = 0; i < told.length; i++) {
        all[i + 1] = flat ? joined(told[i], model.task()) : told[i];
      }
      for (int i = 0; tabs && i < all.length; i++) {
        all[i] =
            all[i] instanceof String text ? BETWEEN_VALUES.matcher(text).replaceAll(" ") : all[i];
      }
      return RowFactory.create(all);
    }
  }
}
