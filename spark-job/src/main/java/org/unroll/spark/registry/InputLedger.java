// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.rnn.io.StrictJson;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.RowHash;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.RegistryFolder;

/**
 * A ledger says which files the finished runs of a registry have used. It is written nowhere for
 * itself: the event of every finished run has what the run added, so that it moves with those
 * alone.
 *
 * @param files by their paths
 */
record InputLedger(Map<String, Entry> files) {
  /** The field of an event's details that has what its run found. */
  static final String FIELD = "ledger";

  /**
   * A file that was used.
   *
   * @param path with its file system
   * @param bytes its length
   * @param modified when it was last changed, in milliseconds since 1970
   * @param hash SHA-256 of its content in hexadecimal
   */
  record Entry(String path, long bytes, long modified, String hash) {
    boolean looksLike(InputFile file) {
      return bytes == file.bytes() && modified == file.modified();
    }
  }

  /**
   * The difference between the files that are there and a ledger.
   *
   * @param fresh files that were never used
   * @param changed files that were used with another content
   * @param touched files with another time or place, and a content that was used
   * @param vanished paths of files that are there no longer
   */
  record Changes(
      List<Entry> fresh, List<Entry> changed, List<Entry> touched, List<String> vanished) {
    /** Returns whether there is anything to learn that was not there before. */
    boolean isEmpty() {
      return fresh.isEmpty() && changed.isEmpty();
    }

    /** Returns the paths of what was not there before. */
    Set<String> unseen() {
      Set<String> paths = new HashSet<>();
      fresh.forEach(entry -> paths.add(entry.path()));
      changed.forEach(entry -> paths.add(entry.path()));
      return paths;
    }
  }

  /** Returns what the finished runs of a journal have used. */
  static InputLedger of(List<RegistryFolder.Event> journal, String source) {
    Map<String, Entry> files = new TreeMap<>();
    for (RegistryFolder.Event event : journal) {
      Object found = event.details().get(FIELD);
      if (found != null) {
        Changes changes = StrictJson.bind(found, source, FIELD, Changes.class);
        changes.vanished().forEach(files::remove);
        for (List<Entry> used : List.of(changes.fresh(), changes.changed(), changes.touched())) {
          used.forEach(entry -> files.put(entry.path(), entry));
        }
      }
    }
    return new InputLedger(files);
  }

  /**
   * Compares files with this ledger. Those that are unknown, or have another length or time, are
   * read whole by Spark tasks to see whether their content is known.
   *
   * @param present all files that there are
   * @param chosen those of them that the run may use; others have not vanished, and are not read
   * @param spark is asked for only if a file has to be read
   */
  Changes compare(List<InputFile> present, List<InputFile> chosen, Supplier<SparkSession> spark) {
    Set<String> paths = new HashSet<>();
    present.forEach(file -> paths.add(file.path()));
    List<InputFile> doubtful = new ArrayList<>();
    for (InputFile file : chosen) {
      Entry known = files.get(file.path());
      if (known == null || !known.looksLike(file)) {
        doubtful.add(file);
      }
    }
    List<String> vanished = files.keySet().stream().filter(path -> !paths.contains(path)).toList();
    Set<String> gone = new HashSet<>();
    vanished.forEach(path -> gone.add(files.get(path).hash()));
    Changes changes =
        new Changes(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), vanished);
    Map<String, String> hashes = doubtful.isEmpty() ? Map.of() : hashes(doubtful, spark.get());
    for (InputFile file : doubtful) {
      String hash = hashes.get(file.path());
      Entry entry = new Entry(file.path(), file.bytes(), file.modified(), hash);
      Entry known = files.get(file.path());
      boolean same = known == null ? gone.contains(hash) : known.hash().equals(hash);
      List<Entry> kind =
          same ? changes.touched() : known == null ? changes.fresh() : changes.changed();
      kind.add(entry);
    }
    return changes;
  }

  private static Map<String, String> hashes(List<InputFile> some, SparkSession session) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    SerializableConfiguration conf = new SerializableConfiguration(spark.hadoopConfiguration());
    List<String> paths = some.stream().map(InputFile::path).toList();
    List<String> found =
        spark
            .parallelize(paths, Math.min(paths.size(), 10 * spark.defaultParallelism()))
            .map(path -> hash(path, conf.value()))
            .collect();
    Map<String, String> hashes = new LinkedHashMap<>();
    for (int i = 0; i < paths.size(); i++) {
      hashes.put(paths.get(i), found.get(i));
    }
    return hashes;
  }

  private static String hash(String file, Configuration conf) {
    MessageDigest digest = RowHash.digest();
    Path path = new Path(file);
    try (InputStream in = HadoopFiles.fileSystem(path, conf).open(path);
        DigestInputStream all = new DigestInputStream(in, digest)) {
      all.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The input file " + HadoopFiles.show(path) + " cannot be read: " + e.getMessage(), e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
