// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ParquetValues;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.store.HadoopFiles;

/** Reads a shard of {@link EncodedRow}s, one by one. */
final class RowShardReader implements Closeable {
  private final Path path;
  private final int texts;
  private final ParquetReader<Object[]> parquet;

  /**
   * Opens a shard.
   *
   * @param texts how many columns of tokens its rows have
   * @throws InputException if it is not what was written
   * @throws IOException if it cannot be read; another attempt may succeed
   */
  RowShardReader(Path file, Configuration conf, int texts) throws IOException {
    this.path = file;
    this.texts = texts;
    List<String> columns = EncodedRow.columns(texts).stream().map(ShardColumn::name).toList();
    this.parquet =
        ParquetReader.builder(new Values(columns), file)
            .withConf(conf)
            .usePageChecksumVerification(true)
            .build();
  }

  /**
   * Returns the next row, or null behind the last.
   *
   * @param vocabularies of the text columns
   */
  SequenceRow next(List<Vocabulary> vocabularies) throws IOException {
    try {
      Object[] values = parquet.read();
      return values == null ? null : EncodedRow.of(values, texts).decode(vocabularies);
    } catch (RuntimeException e) {
      throw ShardFile.damaged(path, e);
    } catch (IOException e) {
      if (HadoopFiles.isDamage(e)) {
        throw ShardFile.damaged(path, e);
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    parquet.close();
  }

  private static final class Values extends ReadSupport<Object[]> {
    private final List<String> columns;

    Values(List<String> columns) {
      this.columns = columns;
    }

    @Override
    public ReadContext init(InitContext context) {
      return new ReadContext(context.getFileSchema());
    }

    @Override
    public RecordMaterializer<Object[]> prepareForRead(
        Configuration conf, Map<String, String> metadata, MessageType schema, ReadContext context) {
      return new ParquetValues(schema, columns);
    }
  }
}
