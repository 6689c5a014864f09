// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * Makes the values of a row of what a Parquet file has: texts, numbers, truths, and lists of them
 * or of such lists. Points in time are texts as ISO 8601 writes them.
 */
public final class ParquetValues extends RecordMaterializer<Object[]> {
  private static final long JULIAN_DAY_OF_1970 = 2_440_588;

  private final Converter[] converters;
  private Object[] row;

  /**
   * A maker of rows.
   *
   * @param schema of the wanted columns
   * @param wanted their names in the order of a row's values
   */
  public ParquetValues(MessageType schema, List<String> wanted) {
    this.converters = new Converter[schema.getFieldCount()];
    for (int c = 0; c < wanted.size(); c++) {
      int column = c;
      Type type = schema.getType(wanted.get(c));
      Consumer<Object> out =
          type.isRepetition(Type.Repetition.REPEATED)
              ? value -> addTo(column, value)
              : value -> row[column] = value;
      converters[schema.getFieldIndex(wanted.get(c))] = converter(type, out);
    }
  }

  @SuppressWarnings("unchecked")
  private void addTo(int column, Object value) {
    if (row[column] == null) {
      row[column] = new ArrayList<>();
    }
    ((List<Object>) row[column]).add(value);
  }

  @Override
  public Object[] getCurrentRecord() {
    return row;
  }

  @Override
  public GroupConverter getRootConverter() {
    return new GroupConverter() {
      @Override
      public Converter getConverter(int field) {
        return converters[field];
      }

      @Override
      public void start() {
        row = new Object[converters.length];
      }

      @Override
      public void end() {}
    };
  }

  /** Returns whether values of a type can be those of a row. */
  static boolean canRead(Type type) {
    return type.isPrimitive() || (isList(type) && canRead(element(type.asGroupType())));
  }

  private static boolean isList(Type type) {
    LogicalTypeAnnotation meaning = type.getLogicalTypeAnnotation();
    return meaning instanceof ListLogicalTypeAnnotation
        && type.asGroupType().getFieldCount() == 1
        && type.asGroupType().getType(0).isRepetition(Type.Repetition.REPEATED);
  }

  /**
   * Returns the type of a list's elements: that of the only field in the repeated group, or in
   * files of older programs the repeated field itself.
   */
  private static Type element(GroupType list) {
    Type repeated = list.getType(0);
    return isWrapped(repeated) ? repeated.asGroupType().getType(0) : repeated;
  }

  private static boolean isWrapped(Type repeated) {
    return !repeated.isPrimitive()
        && repeated.asGroupType().getFieldCount() == 1
        && !isList(repeated);
  }

  private static Converter converter(Type type, Consumer<Object> out) {
    return type.isPrimitive()
        ? primitive(type.asPrimitiveType(), out)
        : new ListOf(type.asGroupType(), out);
  }

  /** Gathers the elements of a list, some of which may be null. */
  private static final class ListOf extends GroupConverter {
    private final Consumer<Object> out;
    private final Converter elements;
    private List<Object> list;

    ListOf(GroupType type, Consumer<Object> out) {
      this.out = out;
      Type element = element(type);
      this.elements =
          isWrapped(type.getType(0))
              ? new Element(element, value -> list.add(value))
              : converter(element, value -> list.add(value));
    }

    @Override
    public Converter getConverter(int field) {
      return elements;
    }

    @Override
    public void start() {
      list = new ArrayList<>();
    }

    @Override
    public void end() {
      out.accept(list);
    }
  }

  /** Hands on an element, which is null where nothing comes between start and end. */
  private static final class Element extends GroupConverter {
    private final Consumer<Object> out;
    private final Converter value;
    private Object found;

    Element(Type type, Consumer<Object> out) {
      this.out = out;
      this.value = converter(type, some -> found = some);
    }

    @Override
    public Converter getConverter(int field) {
      return value;
    }

    @Override
    public void start() {
      found = null;
    }

    @Override
    public void end() {
      out.accept(found);
    }
  }

  private static Converter primitive(PrimitiveType type, Consumer<Object> out) {
    LongFunction<Object> whole = whole(type);
    Function<Binary, Object> bytes = bytes(type);
    return new PrimitiveConverter() {
      @Override
      public void addBinary(Binary value) {
        out.accept(bytes.apply(value));
      }

      @Override
      public void addBoolean(boolean value) {
        out.accept(value);
      }

      @Override
      public void addDouble(double value) {
        out.accept(value);
      }

      @Override
      public void addFloat(float value) {
        out.accept(value);
      }

      @Override
      public void addInt(int value) {
        out.accept(whole.apply(value));
      }

      @Override
      public void addLong(long value) {
        out.accept(whole.apply(value));
      }
    };
  }

  private static LongFunction<Object> whole(PrimitiveType type) {
    LogicalTypeAnnotation meaning = type.getLogicalTypeAnnotation();
    if (meaning instanceof DecimalLogicalTypeAnnotation decimal) {
      return value -> BigDecimal.valueOf(value, decimal.getScale());
    }
    if (meaning instanceof DateLogicalTypeAnnotation) {
      return value -> LocalDate.ofEpochDay(value).toString();
    }
    if (meaning instanceof TimestampLogicalTypeAnnotation time) {
      ChronoUnit unit =
          switch (time.getUnit()) {
            case MILLIS -> ChronoUnit.MILLIS;
            case MICROS -> ChronoUnit.MICROS;
            case NANOS -> ChronoUnit.NANOS;
          };
      return value -> Instant.EPOCH.plus(value, unit).toString();
    }
    return value -> value;
  }

  private static Function<Binary, Object> bytes(PrimitiveType type) {
    if (type.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation decimal) {
      return value -> new BigDecimal(new BigInteger(value.getBytes()), decimal.getScale());
    }
    return type.getPrimitiveTypeName() == PrimitiveTypeName.INT96
        ? ParquetValues::nanosOfDay
        : Binary::toStringUsingUTF8;
  }

  /** Reads the time of older programs: nanoseconds of a day, then the day, counted from 4713 BC. */
  private static Object nanosOfDay(Binary value) {
    ByteBuffer bytes = value.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long nanos = bytes.getLong(bytes.position());
    long day = bytes.getInt(bytes.position() + Long.BYTES) - JULIAN_DAY_OF_1970;
    return Instant.EPOCH.plus(day, ChronoUnit.DAYS).plusNanos(nanos).toString();
  }
}
