// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * Writes one shard of rows: a Parquet file with these columns.
 *
 * <pre>
 * id           text, or null        tokens, tokens_2, ...    ids of a text column each
 * length       steps T              unknown, unknown_2, ...  texts of the unknown tokens, or null
 * file         of the input         features                 T times D numbers, or null
 * position     in that file         step_labels, targets     lists, or null
 * label        text, or null
 * </pre>
 */
final class RowShardWriter implements Closeable {
  static final String ID = "id";
  static final String TOKENS = "tokens";
  static final String LENGTH = "length";
  static final String FILE = "file";
  static final String POSITION = "position";
  static final String UNKNOWN = "unknown";
  static final String FEATURES = "features";
  static final String LABEL = "label";
  static final String STEP_LABELS = "step_labels";
  static final String TARGETS = "targets";

  private static final int ROWS_PER_GROUP = 1 << 16;
  private static final int ROWS_PER_PAGE = 1 << 10;

  /** Columns whose values do not repeat. */
  private static final List<String> PLAIN =
      List.of(ID, POSITION, FEATURES + ".list.element", TARGETS + ".list.element");

  private final ShardFile<EncodedRow> file;

  /**
   * Begins a shard.
   *
   * @param file its final path; until {@link #finish} it has another name
   * @param texts how many columns of tokens rows have
   */
  RowShardWriter(Path file, Configuration conf, int texts) throws IOException {
    this.file =
        new ShardFile<>(file, conf, new Support(texts), ROWS_PER_GROUP, ROWS_PER_PAGE, PLAIN);
  }

  /** Returns the name of a column of which there is one for each text column. */
  static String name(String name, int textColumn) {
    return textColumn == 0 ? name : name + "_" + (textColumn + 1);
  }

  /** Returns the names of all columns. */
  static List<String> columns(int texts) {
    return new Support(texts).types.stream().map(Type::getName).toList();
  }

  /** Appends a row. */
  void add(EncodedRow row) throws IOException {
    file.write(row);
  }

  /** Puts the shard in its place and returns its length in bytes. */
  long finish() throws IOException {
    return file.finish();
  }

  /** Removes the shard if it has not been finished. */
  @Override
  public void close() throws IOException {
    file.abandon();
  }

  private static final class Support extends WriteSupport<EncodedRow> {
    private final List<Type> types = new ArrayList<>();
    private final List<ListColumn> tokens = new ArrayList<>();
    private final List<ListColumn> unknown = new ArrayList<>();
    private final int length;
    private final int file;
    private final int position;
    private final ListColumn features;
    private final int label;
    private final ListColumn stepLabels;
    private final ListColumn targets;

    private RecordConsumer out;

    Support(int texts) {
      field(text(ID));
      for (int c = 0; c < texts; c++) {
        tokens.add(list(ListColumn.required(name(TOKENS, c), PrimitiveTypeName.INT32)));
      }
      length = field(number(PrimitiveTypeName.INT32, LENGTH));
      label = field(text(LABEL));
      file = field(number(PrimitiveTypeName.INT32, FILE));
      position = field(number(PrimitiveTypeName.INT64, POSITION));
      for (int c = 0; c < texts; c++) {
        unknown.add(list(ListColumn.optionalTexts(name(UNKNOWN, c))));
      }
      features = list(ListColumn.optionalFloats(FEATURES));
      stepLabels = list(ListColumn.optionalTexts(STEP_LABELS));
      targets = list(ListColumn.optionalFloats(TARGETS));
    }

    private static Type text(String name) {
      return Types.optional(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(name);
    }

    private static Type number(PrimitiveTypeName type, String name) {
      return Types.required(type).named(name);
    }

    private int field(Type type) {
      types.add(type);
      return types.size() - 1;
    }

    private ListColumn list(Type type) {
      return new ListColumn(type.getName(), field(type));
    }

    @Override
    public WriteContext init(Configuration conf) {
      return new WriteContext(new MessageType("documents", types), Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
    }

    @Override
    public void write(EncodedRow row) {
      out.startMessage();
      write(ID, 0, row.id());
      for (int c = 0; c < tokens.size(); c++) {
        tokens.get(c).write(out, row.tokens()[c], row.tokens()[c].length);
      }
      out.startField(LENGTH, length);
      out.addInteger(row.steps());
      out.endField(LENGTH, length);
      write(LABEL, label, row.label());
      out.startField(FILE, file);
      out.addInteger(row.key().file());
      out.endField(FILE, file);
      out.startField(POSITION, position);
      out.addLong(row.key().position());
      out.endField(POSITION, position);
      for (int c = 0; c < unknown.size(); c++) {
        if (!row.unknown().get(c).isEmpty()) {
          unknown.get(c).write(out, row.unknown().get(c));
        }
      }
      if (row.features() != null) {
        features.write(out, row.features());
      }
      if (row.stepLabels() != null) {
        stepLabels.write(out, List.of(row.stepLabels()));
      }
      if (row.targets() != null) {
        targets.write(out, row.targets());
      }
      out.endMessage();
    }

    private void write(String name, int field, String text) {
      if (text != null) {
        out.startField(name, field);
        out.addBinary(Binary.fromString(text));
        out.endField(name, field);
      }
    }
  }
}
