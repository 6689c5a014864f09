// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ParquetValues;
import org.unroll.spark.rows.RowKey;

/** Reads what a {@link RowShardWriter} wrote, row by row. */
final class RowShardReader implements Closeable {
  private final Path path;
  private final ParquetReader<Object[]> parquet;
  private final List<String> columns;

  /**
   * Opens a shard.
   *
   * @param texts how many columns of tokens its rows have
   * @throws InputException if it is not what was written
   * @throws IOException if it cannot be read; another attempt may succeed
   */
  RowShardReader(Path file, Configuration conf, int texts) throws IOException {
    this.path = file;
    this.columns = RowShardWriter.columns(texts);
    this.parquet =
        new Builder(HadoopInputFile.fromPath(file, conf), columns).withConf(conf).build();
  }

  /** Returns the next row, or null behind the last. */
  EncodedRow next() throws IOException {
    try {
      Object[] values = parquet.read();
      return values == null ? null : row(values);
    } catch (RuntimeException e) {
      throw ShardFile.damaged(path, e);
    }
  }

  private EncodedRow row(Object[] values) {
    List<int[]> tokens = new ArrayList<>();
    List<List<String>> unknown = new ArrayList<>();
    for (int c = 0; columns.contains(RowShardWriter.name(RowShardWriter.TOKENS, c)); c++) {
      List<?> ids = (List<?>) value(values, RowShardWriter.name(RowShardWriter.TOKENS, c));
      tokens.add(ids.stream().mapToInt(id -> ((Number) id).intValue()).toArray());
      List<String> texts = texts(value(values, RowShardWriter.name(RowShardWriter.UNKNOWN, c)));
      unknown.add(texts == null ? List.of() : texts);
    }
    List<String> stepLabels = texts(value(values, RowShardWriter.STEP_LABELS));
    Number file = (Number) value(values, RowShardWriter.FILE);
    Number position = (Number) value(values, RowShardWriter.POSITION);
    return new EncodedRow(
        new RowKey(file.intValue(), position.longValue()),
        (String) value(values, RowShardWriter.ID),
        tokens.toArray(int[][]::new),
        unknown,
        ((Number) value(values, RowShardWriter.LENGTH)).intValue(),
        floats(value(values, RowShardWriter.FEATURES)),
        (String) value(values, RowShardWriter.LABEL),
        stepLabels == null ? null : stepLabels.toArray(String[]::new),
        floats(value(values, RowShardWriter.TARGETS)));
  }

  private Object value(Object[] values, String column) {
    return values[columns.indexOf(column)];
  }

  @SuppressWarnings("unchecked")
  private static List<String> texts(Object value) {
    return (List<String>) value;
  }

  private static float[] floats(Object value) {
    if (value == null) {
      return null;
    }
    List<?> list = (List<?>) value;
    float[] floats = new float[list.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (Float) list.get(i);
    }
    return floats;
  }

  @Override
  public void close() throws IOException {
    parquet.close();
  }

  private static final class Builder extends ParquetReader.Builder<Object[]> {
    private final List<String> columns;

    Builder(InputFile file, List<String> columns) {
      super(file);
      this.columns = columns;
      usePageChecksumVerification(true);
    }

    @Override
    protected ReadSupport<Object[]> getReadSupport() {
      return new ReadSupport<>() {
        @Override
        public ReadContext init(InitContext context) {
          return new ReadContext(context.getFileSchema());
        }

        @Override
        public RecordMaterializer<Object[]> prepareForRead(
            Configuration conf,
            Map<String, String> metadata,
            MessageType schema,
            ReadContext context) {
          return new ParquetValues(schema, columns);
        }
      };
    }
  }
}
