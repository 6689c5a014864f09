// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * Writes one shard of a corpus of documents: a Parquet file with the columns {@code id}, {@code
 * tokens}, {@code length} and {@code label}, which may be null.
 */
public final class DocumentShardWriter implements Closeable {
  private static final int ROWS_PER_GROUP = 1 << 16;
  private static final int ROWS_PER_PAGE = 1 << 10;

  private final ShardFile<EncodedDocument> file;

  /**
   * Begins a shard.
   *
   * @param file its final path; until {@link #finish} it has another name
   */
  public DocumentShardWriter(Path file, Configuration conf) throws IOException {
    this.file =
        new ShardFile<>(
            file, conf, new DocumentSupport(), ROWS_PER_GROUP, ROWS_PER_PAGE, DocumentSupport.ID);
  }

  /** Appends a document. */
  public void add(EncodedDocument document) throws IOException {
    file.write(document);
  }

  /** Puts the shard in its place and returns its length in bytes. */
  public long finish() throws IOException {
    return file.finish();
  }

  /** Removes the shard if it has not been finished. */
  @Override
  public void close() throws IOException {
    file.abandon();
  }

  private static final class DocumentSupport extends WriteSupport<EncodedDocument> {
    static final String ID = "id";
    private static final String LENGTH = "length";
    private static final String LABEL = "label";

    private RecordConsumer out;

    @Override
    public WriteContext init(Configuration conf) {
      MessageType schema =
          Types.buildMessage()
              .required(PrimitiveTypeName.BINARY)
              .as(LogicalTypeAnnotation.stringType())
              .named(ID)
              .addField(TokenList.type())
              .required(PrimitiveTypeName.INT32)
              .named(LENGTH)
              .optional(PrimitiveTypeName.BINARY)
              .as(LogicalTypeAnnotation.stringType())
              .named(LABEL)
              .named("documents");
      return new WriteContext(schema, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
    }

    @Override
    public void write(EncodedDocument document) {
      out.startMessage();
      out.startField(ID, 0);
      out.addBinary(Binary.fromString(document.id()));
      out.endField(ID, 0);
      TokenList.write(out, 1, document.tokens(), document.tokens().length);
      out.startField(LENGTH, 2);
      out.addInteger(document.tokens().length);
      out.endField(LENGTH, 2);
      if (document.label() != null) {
        out.startField(LABEL, 3);
        out.addBinary(Binary.fromString(document.label()));
        out.endField(LABEL, 3);
      }
      out.endMessage();
    }
  }
}
