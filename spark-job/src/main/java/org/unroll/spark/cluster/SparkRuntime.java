// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.Main;
import org.unroll.spark.UnrollRegistrator;

/**
 * The one place where Spark is configured and started. What a person asked for comes first, then
 * what spark-submit was given, then what is set here.
 */
public final class SparkRuntime implements AutoCloseable {
  private static final List<String> TOO_LATE =
      List.of(
          "spark.driver.memory",
          "spark.driver.extraJavaOptions",
          "spark.driver.extraClassPath",
          "spark.driver.extraLibraryPath");
  private static final String MASTER = "spark.master";
  private static final String APP_NAME = "spark.app.name";

  private final SparkSession session;
  private final ExecutorWatch watch;

  private SparkRuntime(SparkSession session, ExecutorWatch watch) {
    this.session = session;
    this.watch = watch;
  }

  /**
   * Makes settings hold for whatever this process configures from now on, with Spark and without:
   * like spark-submit, by system properties.
   *
   * @throws InputException if one is no setting of Spark or comes too late
   */
  public static void set(Map<String, String> settings) {
    settings.forEach((key, value) -> System.setProperty(requireUsable(key), value));
  }

  /**
   * Starts Spark.
   *
   * @param name of the application
   * @param master as asked for, or null for spark-submit's, or else all cores of this machine
   * @param verbose whether the warnings of a local Spark are to be seen
   * @throws InputException if the master is not one, or no task would fit it
   * @throws ClusterException if it is not reached
   */
  public static SparkRuntime start(String name, String master, boolean verbose) {
    SparkConf conf = conf(name, master);
    requireCores(conf);
    Masters.requireReachable(conf.get(MASTER));
    SparkSession session = SparkSession.builder().config(conf).getOrCreate();
    // In one process a warning can only be about that process; on a cluster it is about executors.
    boolean local = Slots.inDriver(conf);
    session.sparkContext().setLogLevel(local && !verbose ? "ERROR" : "WARN");
    return new SparkRuntime(session, local ? null : ExecutorWatch.start(session.sparkContext()));
  }

  /** Returns the configuration that {@link #start} uses. */
  static SparkConf conf(String name, String master) {
    SparkConf conf = new SparkConf();
    if (master != null) {
      conf.setMaster(Masters.require(master));
    }
    conf.setIfMissing(MASTER, "local[*]");
    // spark-submit calls an application by its class unless it was told another name.
    if (conf.get(APP_NAME, Main.class.getName()).equals(Main.class.getName())) {
      conf.setAppName(name);
    }
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    if (Slots.inDriver(conf)) {
      conf.setIfMissing("spark.ui.enabled", "false");
    }
    serializeWithKryo(conf);
    shipOwnJar(conf);
    return conf;
  }

  private static void requireCores(SparkConf conf) {
    if (Slots.of(conf).orElse(1) == 0) {
      throw new InputException(
          ("Tasks of %s cores (--threads, or spark.task.cpus) do not fit Spark's master"
                  + " %s. Ask for fewer (--threads), or for a master with more (--master).")
              .formatted(conf.get("spark.task.cpus"), conf.get(MASTER)));
    }
  }

  private static String requireUsable(String key) {
    if (!key.startsWith("spark.")) {
      throw new InputException(
          ("--conf %s is no setting of Spark: those begin with spark. (and those of"
                  + " Hadoop with spark.hadoop.).")
              .formatted(key));
    }
    if (TOO_LATE.contains(key)) {
      throw new InputException(
          ("--conf %s comes too late, because the driver is already running: give it to"
                  + " spark-submit before the jar, or memory to scripts/unroll as --driver-memory.")
              .formatted(key));
    }
    return key;
  }

  /** Leaves nothing that travels to chance: a class that was not registered is an error. */
  private static void serializeWithKryo(SparkConf conf) {
    conf.setIfMissing("spark.serializer", KryoSerializer.class.getName());
    conf.setIfMissing("spark.kryo.registrationRequired", "true");
    String others = conf.get("spark.kryo.registrator", "");
    String own = UnrollRegistrator.class.getName();
    if (!List.of(others.split(",")).contains(own)) {
      conf.set("spark.kryo.registrator", others.isEmpty() ? own : others + "," + own);
    }
  }

  /** Names the jar, which spark-submit does by itself but not a program that calls this one. */
  private static void shipOwnJar(SparkConf conf) {
    if (!conf.contains("spark.jars")) {
      SparkContext.jarOfClass(SparkRuntime.class).foreach(jar -> conf.set("spark.jars", jar));
    }
  }

  /** Returns the running session. */
  public SparkSession session() {
    return session;
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
    session.stop();
  }
}
