// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;

/**
 * The one place where Spark is configured and started. What a person asked for comes first, then what spark-submit was
 * given, then what is set here.
 */
public final class SparkRuntime implements AutoCloseable {
  private static final List<String> TOO_LATE =
      List.of(
          "spark.driver.memory",
          "spark.driver.extraJavaOptions",
          "spark.driver.extraClassPath",
          "spark.driver.extraLibraryPath");

  private final SparkSession session;

  private SparkRuntime(SparkSession session) {
    this.session = session;
  }

  /**
   * Starts Spark.
   *
   * @param name of the application
   * @param master as asked for, or null for spark-submit's, or else all cores of this machine
   * @param settings as asked for
   * @param verbose whether Spark's warnings are to be seen
   * @throws InputException if a setting comes too late, or the master is not one
   */
  public static SparkRuntime start(
      String name, String master, Map<String, String> settings, boolean verbose) {
    SparkConf conf = conf(name, master, settings);
    conf.setIfMissing("spark.log.level", verbose ? "WARN" : "ERROR");
    return new SparkRuntime(SparkSession.builder().config(conf).getOrCreate());
  }

  /** The configuration a command runs with; without starting anything. */
  public static SparkConf conf(String name, String master, Map<String, String> settings) {
    SparkConf conf = new SparkConf();
    settings.forEach((key, value) -> conf.set(requireInTime(key), value));
    if (master != null) {
      conf.setMaster(master);
    }
    conf.setIfMissing("spark.master", "local[*]");
    conf.setIfMissing("spark.app.name", name);
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    if (isLocal(conf.get("spark.master"))) {
      conf.setIfMissing("spark.ui.enabled", "false");
    }
    serializeWithKryo(conf);
    shipOwnJar(conf);
    return conf;
  }

  private static String requireInTime(String key) {
    if (TOO_LATE.contains(key)) {
      throw new InputException(
          "--conf "
              + key
              + " comes too late, because the driver is already running: give it to spark-submit,"
              + " before the jar.");
    }
    return key;
  }

  private static boolean isLocal(String master) {
    return master.equals("local") || master.startsWith("local[");
  }

  /** Nothing that travels is left to chance: a class that was not registered is an error. */
  private static void serializeWithKryo(SparkConf conf) {
    conf.setIfMissing("spark.serializer", KryoSerializer.class.getName());
    conf.setIfMissing("spark.kryo.registrationRequired", "true");
    String others = conf.get("spark.kryo.registrator", "");
    String own = UnrollRegistrator.class.getName();
    if (!List.of(others.split(",")).contains(own)) {
      conf.set("spark.kryo.registrator", others.isEmpty() ? own : others + "," + own);
    }
  }

  /** spark-submit names the jar by itself; a program that calls this one does not. */
  private static void shipOwnJar(SparkConf conf) {
    if (!conf.contains("spark.jars")) {
      SparkContext.jarOfClass(SparkRuntime.class).foreach(jar -> conf.set("spark.jars", jar));
    }
  }

  /** The running session. */
  public SparkSession session() {
    return session;
  }

  @Override
  public void close() {
    session.stop();
  }
}
