// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.RowKey;

/** Reads what a {@link RowShardWriter} wrote, row by row. */
final class RowShardReader implements Closeable {
  private final Path path;
  private final ParquetReader<EncodedRow> parquet;

  /**
   * Opens a shard.
   *
   * @throws InputException if it is not what was written
   * @throws IOException if it cannot be read; another attempt may succeed
   */
  RowShardReader(Path file, Configuration conf) throws IOException {
    this.path = file;
    this.parquet = new Builder(HadoopInputFile.fromPath(file, conf)).withConf(conf).build();
  }

  /** Returns the next row, or null behind the last. */
  EncodedRow next() throws IOException {
    try {
      return parquet.read();
    } catch (RuntimeException e) {
      throw e instanceof InputException problem ? problem : ShardFile.damaged(path, e);
    }
  }

  @Override
  public void close() throws IOException {
    parquet.close();
  }

  private static final class Builder extends ParquetReader.Builder<EncodedRow> {
    Builder(InputFile file) {
      super(file);
      usePageChecksumVerification(true);
    }

    @Override
    protected ReadSupport<EncodedRow> getReadSupport() {
      return new Support();
    }
  }

  private static final class Support extends ReadSupport<EncodedRow> {
    @Override
    public ReadContext init(InitContext context) {
      return new ReadContext(context.getFileSchema());
    }

    @Override
    public RecordMaterializer<EncodedRow> prepareForRead(
        Configuration conf, Map<String, String> metadata, MessageType schema, ReadContext context) {
      Row row = new Row(schema);
      return new RecordMaterializer<>() {
        @Override
        public EncodedRow getCurrentRecord() {
          return row.encoded();
        }

        @Override
        public GroupConverter getRootConverter() {
          return row;
        }
      };
    }
  }

  /** Takes the values of a row, column by column. */
  private static final class Row extends GroupConverter {
    private final Converter[] fields;
    private final List<Column> columns = new ArrayList<>();
    private final List<Ints> tokens = new ArrayList<>();
    private final List<Texts> unknown = new ArrayList<>();
    private final Texts id;
    private final Longs number;
    private final Ints length;
    private final Ints file;
    private final Longs position;
    private final Floats features;
    private final Texts label;
    private final Texts stepLabels;
    private final Floats targets;

    Row(MessageType schema) {
      fields = new Converter[schema.getFieldCount()];
      id = value(schema, RowShardWriter.ID, new Texts());
      number = value(schema, RowShardWriter.NUMBER, new Longs());
      length = value(schema, RowShardWriter.LENGTH, new Ints());
      file = value(schema, RowShardWriter.FILE, new Ints());
      position = value(schema, RowShardWriter.POSITION, new Longs());
      label = value(schema, RowShardWriter.LABEL, new Texts());
      for (int c = 0; schema.containsField(RowShardWriter.name(RowShardWriter.TOKENS, c)); c++) {
        tokens.add(list(schema, RowShardWriter.name(RowShardWriter.TOKENS, c), new Ints()));
        unknown.add(list(schema, RowShardWriter.name(RowShardWriter.UNKNOWN, c), new Texts()));
      }
      features = list(schema, RowShardWriter.FEATURES, new Floats());
      stepLabels = list(schema, RowShardWriter.STEP_LABELS, new Texts());
      targets = list(schema, RowShardWriter.TARGETS, new Floats());
      for (int f = 0; f < fields.length; f++) {
        if (fields[f] == null) {
          throw new IllegalStateException("unknown column " + schema.getFieldName(f));
        }
      }
    }

    private <T extends Column> T value(MessageType schema, String name, T column) {
      columns.add(column);
      if (schema.containsField(name)) {
        fields[schema.getFieldIndex(name)] = column;
      }
      return column;
    }

    private <T extends Column> T list(MessageType schema, String name, T column) {
      columns.add(column);
      if (schema.containsField(name)) {
        Type type = schema.getType(name);
        fields[schema.getFieldIndex(name)] =
            type.isPrimitive() ? column : new Group(column, new Group(null, column));
      }
      return column;
    }

    @Override
    public Converter getConverter(int field) {
      return fields[field];
    }

    @Override
    public void start() {
      columns.forEach(Column::clear);
    }

    @Override
    public void end() {}

    EncodedRow encoded() {
      if (number.count == 0) {
        throw new IllegalStateException("no column " + RowShardWriter.NUMBER);
      }
      return new EncodedRow(
          number.values[0],
          new RowKey(file.values[0], position.values[0]),
          id.first(),
          tokens.stream().map(Ints::array).toArray(int[][]::new),
          unknown.stream().map(texts -> List.copyOf(texts.values)).toList(),
          length.values[0],
          features.arrayOrNull(),
          label.first(),
          stepLabels.present ? stepLabels.values.toArray(String[]::new) : null,
          targets.arrayOrNull());
    }
  }

  /** A list, or the group within one that holds an element. */
  private static final class Group extends GroupConverter {
    private final Column list;
    private final Converter inner;

    /** Passes values on to {@code inner}; the list, if not null, is told that it is there. */
    Group(Column list, Converter inner) {
      this.list = list;
      this.inner = inner;
    }

    @Override
    public Converter getConverter(int field) {
      return inner;
    }

    @Override
    public void start() {
      if (list != null) {
        list.present = true;
      }
    }

    @Override
    public void end() {}
  }

  /** The values of a column in one row. */
  private abstract static class Column extends PrimitiveConverter {
    boolean present;
    int count;

    void clear() {
      present = false;
      count = 0;
    }
  }

  private static final class Ints extends Column {
    int[] values = new int[16];

    @Override
    public void addInt(int value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = value;
    }

    int[] array() {
      return Arrays.copyOf(values, count);
    }
  }

  private static final class Longs extends Column {
    final long[] values = new long[1];

    @Override
    public void addLong(long value) {
      values[0] = value;
      count = 1;
    }
  }

  private static final class Floats extends Column {
    private float[] values = new float[16];

    @Override
    public void addFloat(float value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = value;
    }

    float[] arrayOrNull() {
      return present ? Arrays.copyOf(values, count) : null;
    }
  }

  /** Texts, of which those that a page has in a dictionary become one object each. */
  private static final class Texts extends Column {
    final List<String> values = new ArrayList<>();
    private String[] known = {};

    @Override
    void clear() {
      super.clear();
      values.clear();
    }

    @Override
    public void addBinary(Binary value) {
      values.add(value.toStringUsingUTF8());
    }

    @Override
    public boolean hasDictionarySupport() {
      return true;
    }

    @Override
    public void setDictionary(Dictionary dictionary) {
      known = new String[dictionary.getMaxId() + 1];
      Arrays.setAll(known, i -> dictionary.decodeToBinary(i).toStringUsingUTF8());
    }

    @Override
    public void addValueFromDictionary(int dictionaryId) {
      values.add(known[dictionaryId]);
    }

    String first() {
      return values.isEmpty() ? null : values.get(0);
    }
  }
}
