// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.UnrollRegistrator;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/**
 * Spark in this process, with Kryo insisting on registered classes, and short ways to open data.
 */
abstract class DataSpark {
  static final TextSplitter WORDS = new TextSplitter(TextSplitter.Unit.WORDS, true);
  static final long ONE_CHUNK = 1L << 20;

  static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    spark = start();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  private static SparkSession start() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("data")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.serializer", KryoSerializer.class.getName())
        .config("spark.kryo.registrationRequired", "true")
        .config("spark.kryo.registrator", UnrollRegistrator.class.getName())
        .getOrCreate();
  }

  static RowsInput spec(OnBadRow onBadRow, List<String> columns, Path... paths) {
    List<String> names = Arrays.stream(paths).map(Path::toString).toList();
    return new RowsInput(names, null, columns, null, OnInvalid.FAIL, onBadRow);
  }

  /** Files of a format that their names do not tell. */
  static RowsInput spec(RowFormat format, Boolean header, List<String> columns, Path... paths) {
    List<String> names = Arrays.stream(paths).map(Path::toString).toList();
    return new RowsInput(names, format, columns, header, OnInvalid.FAIL, OnBadRow.FAIL);
  }

  static RowsInput spec(Path... paths) {
    return spec(OnBadRow.FAIL, List.of(), paths);
  }

  static ColumnChoice choice(LabelKind labels) {
    return new ColumnChoice(List.of(), List.of(), null, null, labels, false);
  }

  static RowSet open(RowsInput spec, ColumnChoice choice, long chunkBytes) {
    return open(spec, choice, chunkBytes, 0);
  }

  static RowSet open(RowsInput spec, ColumnChoice choice, long chunkBytes, int channels) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    InputFiles listed = InputFiles.list(spec, conf);
    RowFormat format = RowFormat.of(spec, listed.files());
    FileRows files = FileRows.of(spec, format, listed, choice, WORDS, chunkBytes, conf);
    return RowSet.open(spark, files, spec.onBadRow(), channels);
  }

  static void writeGzip(Path file, String text) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A row in one line, without its place. */
  static String show(SequenceRow row) {
    StringBuilder text = new StringBuilder();
    text.append(row.id()).append(' ').append(Arrays.deepToString(row.tokens()));
    text.append(' ').append(Arrays.toString(row.features())).append('/').append(row.channels());
    text.append(' ').append(row.label()).append(' ').append(Arrays.toString(row.stepLabels()));
    return text.append(' ').append(Arrays.toString(row.targets())).toString();
  }
}
