// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.TooLittleException;
import org.unroll.spark.rows.RowReader.BadRowException;
import org.unroll.spark.rows.RowReader.RawRow;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The rows of a data frame. A text, a number, and lists of them or of such lists are what they are
 * in Parquet; a vector of MLlib is the list of its numbers.
 */
@DefaultSerializer(JavaSerializer.class)
public final class FrameRows implements RowSource {
  private static final long serialVersionUID = 1L;

  private final transient Dataset<Row> frame;
  private final ColumnChoice columns;
  private final TextSplitter splitter;
  private final RowAssembler assembler;

  /** The places of the columns that are read, among all of the frame. */
  private final int[] read;

  /** Makes the tokens of a token, or null. */
  private final RowSet.Cutter cutter;

  private FrameRows(
      Dataset<Row> frame, ColumnChoice columns, TextSplitter splitter, RowSet.Cutter cutter) {
    List<String> available = List.of(frame.columns());
    this.frame = frame;
    this.columns = columns;
    this.splitter = splitter;
    this.assembler = new RowAssembler(columns, available, splitter, null);
    this.read = columns.names().stream().mapToInt(available::indexOf).toArray();
    this.cutter = cutter;
  }

  /**
   * Finds out the columns of a data frame, of which nothing is read yet.
   *
   * @throws InputException if a column is not there or its values can be none of a row
   */
  public static FrameRows of(Dataset<Row> frame, ColumnChoice choice, TextSplitter splitter) {
    List<String> available = List.of(frame.columns());
    ColumnChoice columns = choice.among(RowFormat.PARQUET, available, OnBadRow.FAIL);
    for (String name : columns.names()) {
      requireReadable(frame.schema(), name);
    }
    return new FrameRows(frame, columns, splitter, null);
  }

  /** Returns the same rows with other tokens, as {@link RowSet#cut} does. */
  public FrameRows cut(RowSet.Cutter other) {
    return new FrameRows(frame, columns, splitter, other);
  }

  private static void requireReadable(StructType schema, String name) {
    long called = Stream.of(schema.fieldNames()).filter(name::equals).count();
    if (called > 1) {
      throw new InputException(
          "The data frame has %s columns '%s': rename all but one.".formatted(called, name));
    }
    StructField field = schema.apply(name);
    if (!canRead(field.dataType())) {
      throw new InputException(
          ("The column '%s' of the data frame is of type %s; a column of text, numbers, vectors, or"
                  + " lists of them is needed.")
              .formatted(name, field.dataType().simpleString()));
    }
  }

  /** Returns whether values of a type can be those of a row. */
  public static boolean canRead(DataType type) {
    return type instanceof ArrayType list
        ? canRead(list.elementType())
        : isVector(type)
            || type instanceof StringType
            || type instanceof NumericType
            || type instanceof BooleanType;
  }

  /** Returns whether values of a type are vectors of MLlib. */
  public static boolean isVector(DataType type) {
    return type.equals(SQLDataTypes.VectorType());
  }

  @Override
  public String format() {
    return "frame";
  }

  @Override
  public ColumnChoice columns() {
    return columns;
  }

  @Override
  public String where(RowKey key) {
    return "place %s of partition %s of the data frame".formatted(key.position() + 1, key.file());
  }

  @Override
  public JavaRDD<Parsed> records(SparkSession session, int channels, boolean fail) {
    Column[] needed =
        columns.names().stream()
            .map(name -> functions.col("`" + name.replace("`", "``") + "`"))
            .toArray(Column[]::new);
    FrameRows narrow = new FrameRows(frame.select(needed), columns, splitter, cutter);
    JavaRDD<Row> rows = narrow.frame.toJavaRDD();
    if (rows.getNumPartitions() == 0) {
      throw new TooLittleException("The data frame has no rows.");
    }
    return rows.mapPartitionsWithIndex(
        (part, some) -> new Records(narrow.new Rows(part, some), channels, fail), true);
  }

  /**
   * A row of the frame with what is read of it.
   *
   * @param row as the frame has it
   * @param sequence the row that a model reads
   */
  public record Read(Row row, SequenceRow sequence) {}

  /**
   * Returns the rows of a partition of this frame as they stream by, in a task.
   *
   * @param channels that every row must have; 0 for no numbers
   * @param onBadRow whether rows that cannot be used are left out
   * @throws InputException when the iterator comes to a row that cannot be used, with its place, if
   *     it is not left out
   */
  public Iterator<Read> read(Iterator<Row> rows, int channels, OnBadRow onBadRow) {
    Rows stream = new Rows(TaskContext.getPartitionId(), rows);
    Records records = new Records(stream, channels, onBadRow == OnBadRow.FAIL);
    return new Iterator<>() {
      private Read next;

      @Override
      public boolean hasNext() {
        while (next == null && records.hasNext()) {
          Parsed parsed = records.next();
          if (parsed instanceof SequenceRow sequence) {
            next = new Read(stream.current, sequence);
          } else if (parsed instanceof BadRow bad && onBadRow == OnBadRow.FAIL) {
            throw bad.exception(where(bad.key()));
          }
        }
        return next != null;
      }

      @Override
      public Read next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Read read = next;
        next = null;
        return read;
      }
    };
  }

  /** Reads the rows of a partition. */
  private final class Rows implements RowStream {
    private final int part;
    private final Iterator<Row> rows;
    private long position;
    private Row current;

    Rows(int part, Iterator<Row> rows) {
      this.part = part;
      this.rows = rows;
    }

    @Override
    public Parsed next() {
      if (!rows.hasNext()) {
        return null;
      }
      current = rows.next();
      Object[] values = new Object[current.size()];
      for (int c : read) {
        values[c] = plain(current.get(c));
      }
      try {
        SequenceRow row = assembler.row(part, "", new RawRow(position++, values));
        return cutter == null ? row : row.cut(cutter);
      } catch (BadRowException e) {
        return new BadRow(new RowKey(part, e.position()), e.getMessage());
      }
    }

    @Override
    public void close() {
      // The rows are the task's, which ends with them.
    }
  }

  /** Returns a value as Parquet would give it. */
  private static Object plain(Object value) {
    if (value instanceof Vector vector) {
      return Arrays.stream(vector.toArray()).boxed().toList();
    }
    if (value instanceof scala.collection.Seq<?> list) {
      List<?> elements = CollectionConverters.asJava(list);
      return IntStream.range(0, elements.size()).mapToObj(i -> plain(elements.get(i))).toList();
    }
    return value;
  }
}
