// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.split;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowsInput;
import scala.Tuple2;

/**
 * Measures preparing a text beside what Spark takes to split its lines at white space and count the
 * words, which is the least that anybody would do.
 *
 * @param folder an empty one, for text and corpora
 * @param words size of the vocabulary of words
 * @param bytePairs size of that of byte pairs
 * @param status told what is going on
 */
public record CorpusBench(
    SparkSession spark, Path folder, int words, int bytePairs, Consumer<String> status) {
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
    Map<Way, List<Double>> seconds = new EnumMap<>(Way.class);
    for (Way way : Way.values()) {
      status.accept("warming up " + name(way));
      run(way, little);
      seconds.put(way, new ArrayList<>());
    }
    for (int turn = 1; turn <= turns; turn++) {
      for (Way way : Way.values()) {
        status.accept("turn " + turn + " of " + turns + ", " + name(way));
        long start = System.nanoTime();
        run(way, text);
        seconds.get(way).add((System.nanoTime() - start) / NANOS);
      }
    }
    Map<Way, Double> medians = new EnumMap<>(Way.class);
    seconds.forEach((way, all) -> medians.put(way, Race.median(all)));
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
        new PrepareRequest(
            RowsInput.of(List.of(text.toUri().toString())),
            ColumnChoice.USUAL_TEXT,
            false,
            folder.resolve(unit).toUri().toString(),
            true,
            unit,
            vocabulary,
            1,
            null,
            Kind.STREAM,
            false);
    new PrepareJob(spark, request, new Terminal(nowhere, nowhere, false, 80)).run();
  }

  /**
   * Text whose words are as unevenly frequent as those of a language: the word of rank r comes with
   * a probability proportional to 1/r (Zipf 1935). The same seed gives the same text.
   */
  private static final class ZipfText {
    private static final int WORDS = 1 << 19;
    private static final int LONGEST_LINE = 40;
    private static final int LETTERS = 26;

    private final SequenceKind.Draws draws;
    private final byte[][] words = new byte[WORDS][];
    private final double[] sums = new double[WORDS];

    ZipfText(long seed) {
      draws = new SequenceKind.Draws(seed);
      double sum = 0;
      for (int rank = 0; rank < WORDS; rank++) {
        words[rank] = word(rank);
        sum += 1.0 / (rank + 1);
        sums[rank] = sum;
      }
    }

    /** Frequent words are short; the number of letters rises with the logarithm of the rank. */
    private byte[] word(int rank) {
      int length = 2 + (Integer.SIZE - Integer.numberOfLeadingZeros(rank + 1)) / 3 + draws.below(4);
      byte[] word = new byte[length];
      int rest = rank;
      for (int i = 0; i < length; i++) {
        word[i] = (byte) ('a' + (rest % LETTERS + (i > 4 ? draws.below(LETTERS) : 0)) % LETTERS);
        rest /= LETTERS;
      }
      return word;
    }

    /** Writes a file of at least so many bytes, and less than a line more. */
    void write(Path file, long bytes) {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
        long written = 0;
        while (written < bytes) {
          int count = 1 + draws.below(LONGEST_LINE);
          for (int w = 0; w < count; w++) {
            byte[] word = words[next()];
            out.write(word);
            out.write(w + 1 == count ? '\n' : ' ');
            written += word.length + 1;
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("The text to measure with cannot be written to " + file, e);
      }
    }

    private int next() {
      int found = Arrays.binarySearch(sums, draws.uniform() * sums[WORDS - 1]);
      return Math.min(WORDS - 1, found < 0 ? -found - 1 : found);
    }
  }
}
