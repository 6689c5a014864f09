// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.KryoSerializer;
import org.unroll.spark.UnrollRegistrator;

/** Spark for tests, with Kryo as strict as in the commands. */
public final class LocalSpark {
  /**
   * Of executors that live for a minute and compute little: half of what starting one costs is the
   * second compiler's.
   */
  public static final Map<String, String> SHORT_LIVED =
      Map.of("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1");

  private LocalSpark() {}

  static JavaSparkContext start(String master, Map<String, String> settings) {
    // Commands under test leave settings in the process, which are theirs.
    SparkConf conf =
        new SparkConf(false)
            .setMaster(master)
            .setAppName("rounds")
            .set("spark.ui.enabled", "false")
            .set("spark.serializer", KryoSerializer.class.getName())
            .set("spark.kryo.registrationRequired", "true")
            .set("spark.kryo.registrator", UnrollRegistrator.class.getName());
    settings.forEach(conf::set);
    return new JavaSparkContext(conf);
  }

  /** The same with Spark's own settings. */
  public static JavaSparkContext start(String master) {
    return start(master, Map.of());
  }

  /** Two executors of one core in processes of their own, with the jar of the commands. */
  static JavaSparkContext startCluster(Path folder, Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>(more);
    return startWithJars("local-cluster[2,1,1024]", folder, settings);
  }

  /** On any cluster, whose executors get the jar of the commands and these classes. */
  public static JavaSparkContext startWithJars(String master, Path folder, Map<String, String> more)
      throws Exception {
    Path tests = folder.resolve("tests.jar");
    jarOfTests(tests);
    Map<String, String> settings = new HashMap<>(SHORT_LIVED);
    settings.putAll(more);
    settings.put("spark.jars", System.getProperty("unroll.jar") + "," + tests);
    // A busy machine may take minutes to start an executor, at first or in the place of a dead one.
    settings.putIfAbsent("spark.unroll.start.timeout", "600s");
    settings.put("spark.scheduler.minRegisteredResourcesRatio", "1.0");
    settings.put("spark.scheduler.maxRegisteredResourcesWaitingTime", "600s");
    return start(master, settings);
  }

  /** The executors get these classes as they get the application's. */
  private static void jarOfTests(Path jar) throws Exception {
    URI location = LocalSpark.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    Path classes = Path.of(location);
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> found = Files.walk(classes)) {
      for (Path path : found.filter(Files::isRegularFile).toList()) {
        add(out, classes.relativize(path).toString(), path);
      }
    }
  }

  private static void add(JarOutputStream out, String name, Path path) throws IOException {
    out.putNextEntry(new ZipEntry(name));
    Files.copy(path, out);
    out.closeEntry();
  }
}
