// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.apache.spark.network.util.JavaUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.cli.Shell;
import org.unroll.spark.lab.Race;

/**
 * A program that measures {@code transform} of a classifier beside the command {@code predict}: the
 * same model and the same rows, from lines of JSON to Parquet, each with a session of its own, by
 * turns. Prints the rows a second of both (medians), and how much of the heap was in use behind a
 * collection while the first and the second half of the rows were read.
 */
public final class TransformBench {
  private static final int WARM_UP = 100_000;

  /** Words of the shortest row; the longest have twice as many. */
  private static final int SHORTEST = 10;

  private static final double NANOS = 1e9;

  /** Bytes in use behind each collection, by when it was. */
  private final ConcurrentSkipListMap<Long, Long> heap = new ConcurrentSkipListMap<>();

  private final Path folder;
  private final int rows;

  /** Where the measured rows are, and fewer of them to warm up with. */
  private final Map<Integer, Path> inputs = new LinkedHashMap<>();

  private TransformBench(Path folder, int rows) {
    this.folder = folder;
    this.rows = rows;
  }

  /**
   * Runs.
   *
   * @param args how many rows, and how many turns
   */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("unroll-bench-transform");
    try {
      new TransformBench(folder, Integer.parseInt(args[0])).run(Integer.parseInt(args[1]));
    } finally {
      JavaUtils.deleteRecursively(folder.toFile());
    }
  }

  /** A way to answer that is measured. */
  private interface Way {
    void answer(Path input) throws IOException;
  }

  private void run(int turns) throws IOException {
    watchHeap();
    prepare();
    Map<String, Way> ways = new LinkedHashMap<>();
    ways.put("predict", this::predict);
    ways.put("transform", this::transform);
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    for (Map.Entry<String, Way> way : ways.entrySet()) {
      rates.put(way.getKey(), new ArrayList<>());
      way.getValue().answer(inputs.get(WARM_UP));
    }
    long[] halves = new long[2];
    for (int turn = 0; turn < turns; turn++) {
      for (Map.Entry<String, Way> way : ways.entrySet()) {
        long start = System.nanoTime();
        way.getValue().answer(inputs.get(rows));
        long end = System.nanoTime();
        rates.get(way.getKey()).add(rows * NANOS / (end - start));
        if (way.getKey().equals("transform")) {
          long middle = start + (end - start) / 2;
          halves[0] = Math.max(halves[0], most(start, middle));
          halves[1] = Math.max(halves[1], most(middle, end));
        }
      }
    }
    rates.forEach((way, all) -> System.out.printf("%-10s %,9.0f rows/s%n", way, Race.median(all)));
    System.out.printf(
        "transform  %,d MiB of heap behind collections in the first half, %,d MiB in the second%n",
        halves[0] >> 20, halves[1] >> 20);
  }

  private long most(long from, long to) {
    return heap.subMap(from, to).values().stream().mapToLong(bytes -> bytes).max().orElse(0);
  }

  private void watchHeap() {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) collector)
          .addNotificationListener(
              (notification, handback) -> {
                CompositeData data = (CompositeData) notification.getUserData();
                long used =
                    GarbageCollectionNotificationInfo.from(data)
                        .getGcInfo()
                        .getMemoryUsageAfterGc()
                        .entrySet()
                        .stream()
                        .filter(pool -> pool.getKey().startsWith("G1"))
                        .mapToLong(pool -> pool.getValue().getUsed())
                        .sum();
                heap.put(System.nanoTime(), used);
              },
              null,
              null);
    }
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .master("local[*]")
        .config("spark.ui.enabled", "false")
        .getOrCreate();
  }

  /** Trains on the tickets of the samples, and writes rows of pieces of their texts. */
  private void prepare() throws IOException {
    List<String> words;
    try (SparkSession spark = session()) {
      Dataset<Row> tickets =
          spark
              .read()
              .option("sep", "\t")
              .option("header", "true")
              .csv("data-samples/tickets/day=2026-11-0[1-7]");
      new SequenceClassifier()
          .setInputCol("text")
          .setLabelCol("topic")
          .setCellType("gru")
          .setNumLayers(1)
          .setHiddenSize(24)
          .setPooling("mean")
          .setMaxIter(3)
          .fit(tickets)
          .save(folder.resolve("model").toString());
      words =
          tickets.selectExpr("explode(split(text, ' '))").collectAsList().stream()
              .map(row -> row.getString(0))
              .toList();
    }
    for (int count : new int[] {WARM_UP, rows}) {
      Path file = folder.resolve(count + ".jsonl");
      try (Writer lines = Files.newBufferedWriter(file)) {
        for (int row = 0; row < count; row++) {
          int steps = SHORTEST + (int) (SHORTEST * RandomBits.uniform(1, row));
          int from = (int) ((words.size() - steps) * RandomBits.uniform(2, row));
          String text = String.join(" ", words.subList(from, from + steps));
          lines.write("{\"text\": \"%s\"}\n".formatted(text));
        }
      }
      inputs.put(count, file);
    }
  }

  private void predict(Path input) {
    Shell.Outcome outcome =
        Shell.run(
            "predict",
            "--master",
            "local[*]",
            "--model",
            folder.resolve("model").toString(),
            "--input",
            input.toString(),
            "--overwrite",
            "--out",
            folder.resolve("said.parquet").toString());
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(outcome.err());
    }
  }

  private void transform(Path input) throws IOException {
    try (SparkSession spark = session()) {
      SequenceClassifierModel.load(folder.resolve("model").toString())
          .transform(spark.read().schema("text string").json(input.toString()))
          .select("prediction", "probability")
          .write()
          .mode("overwrite")
          .parquet(folder.resolve("told.parquet").toString());
    }
  }
}
