// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.unroll.spark.store.HadoopFiles;
import scala.Tuple2;

/** Files with their format and columns, before any row is looked at. */
final class SequenceInput {
  /** Rows of a partition where Spark has read them and they are put in order. */
  private static final long ROWS_PER_PARTITION = 20_000;

  private final JavaSparkContext spark;
  private final RowsInput spec;
  private final SequenceFormat format;
  private final List<InputFile> files;
  private final SequenceColumns columns;
  private final TextSplitter splitter;

  /** Null for Parquet. */
  private final TableReader table;

  /** Null for all but Parquet. */
  private final ParquetTable parquet;

  private SequenceInput(
      SparkSession session,
      RowsInput spec,
      ColumnChoice choice,
      TextSplitter splitter,
      long chunkBytes) {
    Configuration conf = session.sparkContext().hadoopConfiguration();
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.spec = spec;
    this.splitter = splitter;
    this.files = InputListing.list(spec.paths(), conf);
    this.format = InputFormats.of(spec, files);
    if (format == SequenceFormat.PARQUET) {
      this.parquet = ParquetTable.open(session, files);
      this.columns = choice.among(format, parquet.columns(), spec.onBadRow());
      this.table = null;
    } else {
      TableReader all = TableReader.of(spec, format, files, chunkBytes, conf);
      this.columns = choice.among(format, all.columns(), spec.onBadRow());
      this.table = all.select(columns.names());
      this.parquet = null;
    }
  }

  /** Lists the files and finds out their format and columns. */
  static SequenceInput open(
      SparkSession session,
      RowsInput spec,
      ColumnChoice choice,
      TextSplitter splitter,
      long chunkBytes) {
    return new SequenceInput(session, spec, choice, splitter, chunkBytes);
  }

  SequenceFormat format() {
    return format;
  }

  SequenceColumns columns() {
    return columns;
  }

  /** What tasks need to read the rows of a part. */
  SequenceReader reader(int channels, Part part) {
    List<String> available = table == null ? columns.names() : table.columns();
    RowAssembler assembler = new RowAssembler(columns, available, splitter, channels);
    Map<String, Integer> indices = parquet == null ? Map.of() : parquet.indices();
    return new SequenceReader(table, indices, assembler, spec.onBadRow(), part);
  }

  /** A task's rows each, in no order where Spark reads them. */
  JavaRDD<SequenceRows> streams(Broadcast<SequenceReader> reader) {
    if (parquet != null) {
      return parquet
          .select(columns.names())
          .toJavaRDD()
          .mapPartitions(
              rows -> {
                SequenceReader shared = reader.value();
                return List.of(new SequenceRows(shared, new ParquetRows(rows, shared.files())))
                    .iterator();
              });
    }
    int[] starts = table.table().tasks();
    List<int[]> ranges = new ArrayList<>();
    for (int i = 0; i + 1 < starts.length; i++) {
      ranges.add(new int[] {starts[i], starts[i + 1]});
    }
    return spark
        .parallelize(ranges, Math.max(1, ranges.size()))
        .map(
            range -> {
              SequenceReader shared = reader.value();
              return new SequenceRows(shared, new ChunkRows(shared.table(), range[0], range[1]));
            });
  }

  /** All rows in the order of the input. */
  JavaRDD<SequenceRow> inOrder(Broadcast<SequenceReader> reader, DataSummary summary) {
    return parquet == null
        ? streams(reader).flatMap(stream -> stream)
        : sorted(reader, summary).values();
  }

  /** The same with the number that each has in the input, from 0, those left out counted too. */
  JavaPairRDD<Long, SequenceRow> numbered(Broadcast<SequenceReader> reader, DataSummary summary) {
    if (parquet != null) {
      return sorted(reader, summary);
    }
    long[] starts = summary.starts();
    return JavaPairRDD.fromJavaRDD(
        streams(reader)
            .mapPartitionsWithIndex(
                (task, streams) -> new NumberedRows(streams.next(), starts[task]), true));
  }

  private JavaPairRDD<Long, SequenceRow> sorted(
      Broadcast<SequenceReader> reader, DataSummary summary) {
    long[] first = new long[files.size() + 1];
    for (int f = 0; f < files.size(); f++) {
      first[f + 1] = first[f] + summary.lastRow().getOrDefault(f, -1L) + 1;
    }
    int partitions = Math.toIntExact(1 + first[files.size()] / ROWS_PER_PARTITION);
    return streams(reader)
        .flatMap(stream -> stream)
        .mapToPair(row -> new Tuple2<>(first[row.key().file()] + row.key().position(), row))
        .repartitionAndSortWithinPartitions(new ByPlace(partitions));
  }

  /** Runs of {@link #ROWS_PER_PARTITION} places. */
  private static final class ByPlace extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int partitions;

    ByPlace(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object place) {
      return (int) ((Long) place / ROWS_PER_PARTITION);
    }
  }

  /** The line and file of a row, as messages name them. */
  String where(RowKey key) {
    return table != null
        ? table.where(key.file(), key.position())
        : "row "
            + (key.position() + 1)
            + " of "
            + HadoopFiles.show(new Path(files.get(key.file()).path()));
  }
}
