// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.unroll.spark.store.AtomicFiles;
import org.unroll.spark.store.HadoopFiles;

/**
 * A Parquet file of a prepared corpus while it is written: it appears whole or not at all, and
 * equal rows give equal bytes, whoever writes them and whenever.
 *
 * @param <T> a row
 */
final class ShardFile<T> {
  private static final long ROW_GROUP_BYTES = 8L << 20;
  private static final String ZSTD_LEVEL = "parquet.compression.codec.zstd.level";

  private final FileSystem fs;
  private final Path file;
  private final Path temporary;
  private final Output output;
  private final ParquetWriter<T> writer;
  private boolean finished;

  /**
   * Begins a file.
   *
   * @param rowsPerGroup the most rows of a row group
   * @param rowsPerPage the most rows of a page, the least that a reader with page indexes reads
   * @param plainColumn a column whose values do not repeat
   */
  ShardFile(
      Path file,
      Configuration conf,
      WriteSupport<T> rows,
      int rowsPerGroup,
      int rowsPerPage,
      String plainColumn)
      throws IOException {
    this.fs = HadoopFiles.fileSystem(file, conf);
    this.file = file;
    this.temporary = AtomicFiles.temporarySibling(file);
    this.output = new Output(fs, temporary);
    this.writer =
        new Builder<>(output, rows)
            .withConf(settings())
            .withCompressionCodec(CompressionCodecName.ZSTD)
            .withRowGroupRowCountLimit(rowsPerGroup)
            .withPageRowCountLimit(rowsPerPage)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .withMinRowCountForPageSizeCheck(1)
            .withDictionaryEncoding(plainColumn, false)
            .build();
  }

  /** Nothing of the cluster's own settings may change the bytes. */
  private static Configuration settings() {
    Configuration settings = new Configuration(false);
    settings.setInt(ZSTD_LEVEL, 1);
    return settings;
  }

  void write(T row) throws IOException {
    writer.write(row);
  }

  /**
   * Puts the file in its place, over the same file of an attempt before, and returns its length.
   */
  long finish() throws IOException {
    output.stream.hold();
    writer.close();
    finished = true;
    long bytes = fs.getFileStatus(temporary).getLen();
    AtomicFiles.move(fs, temporary, file);
    return bytes;
  }

  /** Removes a file that has not been finished. */
  void abandon() throws IOException {
    if (!finished) {
      finished = true;
      try {
        writer.close();
      } finally {
        fs.delete(temporary, false);
      }
    }
  }

  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final WriteSupport<T> rows;

    Builder(OutputFile file, WriteSupport<T> rows) {
      super(file);
      this.rows = rows;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(Configuration conf) {
      return rows;
    }
  }

  /** Parquet's own would leave checksum files beside local ones. */
  private static final class Output implements OutputFile {
    private final FileSystem fs;
    private final Path path;
    private FooterStream stream;

    Output(FileSystem fs, Path path) {
      this.fs = fs;
      this.path = path;
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) throws IOException {
      stream = new FooterStream(HadoopStreams.wrap(fs.create(path, false)));
      return stream;
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
      return create(blockSizeHint);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }
}
