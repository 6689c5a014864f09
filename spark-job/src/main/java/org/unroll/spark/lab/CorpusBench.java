// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.split;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.PrepareJob;
import org.unroll.spark.corpus.PrepareRequest;
import org.unroll.spark.report.Terminal;
import scala.Tuple2;

/**
 * Measures preparing a text beside what Spark takes to split its lines at white space and count the
 * words, which is the least that anybody would do.
 */
public final class CorpusBench {
  private static final double NANOS = 1e9;

  /** So much text shows the compiler of the JVM everything. */
  private static final long WARM_UP_BYTES = 24L << 20;

  /** A way to go through a text that is measured. */
  public enum Way {
    /** Spark's RDDs: text file, flat map, reduce by key. */
    RDD,
    /** Spark SQL: read text, explode, group by. */
    SQL,
    /** Our preparation into words. */
    WORDS,
    /** Our preparation into byte pairs. */
    BPE
  }

  private final SparkSession spark;
  private final Path folder;
  private final int words;
  private final int bytePairs;
  private final Consumer<String> status;

  /**
   * Prepares a measurement.
   *
   * @param folder an empty one, for text and corpora
   * @param words size of the vocabulary of words
   * @param bytePairs size of that of byte pairs
   * @param status told what is going on
   */
  public CorpusBench(
      SparkSession spark, Path folder, int words, int bytePairs, Consumer<String> status) {
    this.spark = spark;
    this.folder = folder;
    this.words = words;
    this.bytePairs = bytePairs;
    this.status = status;
  }

  /**
   * Measures.
   *
   * @param turns of each way, one after the other; medians count
   * @return seconds by way
   */
  public Map<Way, Double> measure(long bytes, int turns, long seed) {
    status.accept("writing the text");
    Path text = folder.resolve("text.txt");
    Path little = folder.resolve("warm-up.txt");
    ZipfText zipf = new ZipfText(seed);
    zipf.write(little, Math.min(bytes, WARM_UP_BYTES));
    zipf.write(text, bytes);
    Map<Way, double[]> seconds = new EnumMap<>(Way.class);
    for (Way way : Way.values()) {
      status.accept("warming up " + name(way));
      run(way, little);
      seconds.put(way, new double[turns]);
    }
    for (int turn = 0; turn < turns; turn++) {
      for (Way way : Way.values()) {
        status.accept("turn " + (turn + 1) + " of " + turns + ", " + name(way));
        long start = System.nanoTime();
        run(way, text);
        seconds.get(way)[turn] = (System.nanoTime() - start) / NANOS;
      }
    }
    Map<Way, Double> medians = new EnumMap<>(Way.class);
    seconds.forEach(
        (way, all) -> medians.put(way, Race.median(Arrays.stream(all).boxed().toList())));
    return medians;
  }

  private static String name(Way way) {
    return way.name().toLowerCase(Locale.ROOT);
  }

  private void run(Way way, Path text) {
    switch (way) {
      case RDD -> countWithRdd(text);
      case SQL -> countWithSql(text);
      case WORDS -> prepare(text, "word", words);
      case BPE -> prepare(text, BpeTokenizer.NAME, bytePairs);
    }
  }

  private void countWithRdd(Path text) {
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .textFile(text.toUri().toString())
        .flatMap(line -> Arrays.asList(line.split("\\s+")).iterator())
        .mapToPair(word -> new Tuple2<>(word, 1L))
        .reduceByKey(Long::sum)
        .count();
  }

  private void countWithSql(Path text) {
    spark
        .read()
        .text(text.toUri().toString())
        .select(explode(split(col("value"), "\\s+")).as("word"))
        .groupBy("word")
        .count()
        .count();
  }

  private void prepare(Path text, String unit, int vocabulary) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    PrepareRequest request =
        PrepareRequest.ofText(
                List.of(text.toUri().toString()),
                folder.resolve(unit).toUri().toString(),
                unit,
                vocabulary,
                Kind.STREAM)
            .overwriting();
    new PrepareJob(spark, request, new Terminal(nowhere, nowhere, false, 80)).run();
  }
}
