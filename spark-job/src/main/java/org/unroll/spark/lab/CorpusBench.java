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

  /** Enough for the compiler of the JVM to have seen everything. */
  private static final long WARM_UP_BYTES = 24L << 20;

  /** What is measured. */
  public enum Contender {
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
   * @param turns of each contender, one after the other; medians count
   * @return seconds by contender
   */
  public Map<Contender, Double> measure(long bytes, int turns, long seed) {
    status.accept("writing the text");
    Path text = folder.resolve("text.txt");
    Path little = folder.resolve("warm-up.txt");
    ZipfText zipf = new ZipfText(seed);
    zipf.write(little, Math.min(bytes, WARM_UP_BYTES));
    zipf.write(text, bytes);
    Map<Contender, double[]> seconds = new EnumMap<>(Contender.class);
    for (Contender contender : Contender.values()) {
      status.accept("warming up " + name(contender));
      run(contender, little);
      seconds.put(contender, new double[turns]);
    }
    for (int turn = 0; turn < turns; turn++) {
      for (Contender contender : Contender.values()) {
        status.accept("turn " + (turn + 1) + " of " + turns + ", " + name(contender));
        long start = System.nanoTime();
        run(contender, text);
        seconds.get(contender)[turn] = (System.nanoTime() - start) / NANOS;
      }
    }
    Map<Contender, Double> medians = new EnumMap<>(Contender.class);
    seconds.forEach(
        (contender, all) ->
            medians.put(contender, Race.median(Arrays.stream(all).boxed().toList())));
    return medians;
  }

  private static String name(Contender contender) {
    return contender.name().toLowerCase(Locale.ROOT);
  }

  private void run(Contender contender, Path text) {
    switch (contender) {
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
