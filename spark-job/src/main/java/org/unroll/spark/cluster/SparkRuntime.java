// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.ThreadUtils;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.Main;
import org.unroll.spark.UnrollRegistrator;
import scala.Option;

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
  private static final Pattern MASTERS =
      Pattern.compile("local|local\\[.+]|local-cluster\\[.+]|spark://.+|k8s://.+|yarn");
  private static final String STANDALONE = "spark://";

  /**
   * Who logs what a task meets, with traces, though the exception comes to whoever waits for the
   * job; and who logs what a Spark meets that is being stopped.
   */
  private static final List<String> TOLD_ANYWAY =
      List.of(
          "org.apache.spark.executor.Executor",
          "org.apache.spark.scheduler.TaskSetManager",
          "org.apache.spark.sql.execution.datasources.FileFormatWriter",
          "org.apache.spark.util.Utils");

  private static final int CONNECT_MILLIS = 10_000;
  private static final long CHECK_MILLIS = 500;
  private static final String MASTER = "spark.master";
  private static final String APP_NAME = "spark.app.name";

  private final SparkSession session;
  private final boolean verbose;
  private final ScheduledExecutorService watching =
      ThreadUtils.newDaemonSingleThreadScheduledExecutor("unroll-executor-watch");

  private SparkRuntime(SparkSession session, boolean verbose) {
    this.session = session;
    this.verbose = verbose;
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
    requireReachable(conf.get(MASTER));
    SparkSession session = SparkSession.builder().config(conf).getOrCreate();
    // In one process a warning can only be about that process; on a cluster it is about executors.
    boolean local = Slots.inDriver(conf);
    session.sparkContext().setLogLevel(local && !verbose ? "ERROR" : "WARN");
    TOLD_ANYWAY.forEach(
        logger -> Configurator.setLevel(logger, local && !verbose ? Level.OFF : Level.WARN));
    SparkRuntime runtime = new SparkRuntime(session, verbose);
    if (!local) {
      Runnable watch = new ExecutorWatch(session.sparkContext());
      runtime.watching.scheduleWithFixedDelay(
          watch, CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
    }
    return runtime;
  }

  /** Returns the configuration that {@link #start} uses. */
  static SparkConf conf(String name, String master) {
    SparkConf conf = new SparkConf();
    if (master != null) {
      conf.setMaster(requireMaster(master));
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

  /**
   * Refuses what is no master.
   *
   * @throws InputException with the forms there are
   */
  static String requireMaster(String master) {
    if (!MASTERS.matcher(master).matches()) {
      throw new InputException(
          ("--master %s is no Spark master: give local[N], local-cluster[N,cores,MB],"
                  + " spark://host:port, yarn or k8s://url.")
              .formatted(master));
    }
    return master;
  }

  /**
   * Refuses a standalone master that nobody reaches. Spark would try for a minute, and then say
   * something else.
   *
   * @throws ClusterException if none of a URL's masters takes a connection
   */
  static void requireReachable(String master) {
    if (!master.startsWith(STANDALONE)) {
      return;
    }
    List<String> problems = new ArrayList<>();
    for (String address : master.substring(STANDALONE.length()).split(",")) {
      String problem = connect(address.strip());
      if (problem == null) {
        return;
      }
      problems.add(problem);
    }
    throw new ClusterException(
        ("No Spark master can be reached at %s (%s). Start one there (scripts/cluster"
                + " start, on this machine), or name another (--master).")
            .formatted(master, String.join("; ", problems)));
  }

  /** Returns what is wrong with an address, or null. */
  private static String connect(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 1 || !address.substring(colon + 1).matches("\\d{1,5}")) {
      throw new InputException("--master: '" + address + "' must be host:port.");
    }
    String host = address.substring(0, colon).replaceAll("[\\[\\]]", "");
    int port = Integer.parseInt(address.substring(colon + 1));
    if (port < 1 || port > 65_535) {
      throw new InputException("--master: port " + port + " is not in [1, 65535].");
    }
    InetSocketAddress socketAddress = new InetSocketAddress(host, port);
    if (socketAddress.isUnresolved()) {
      return "the name " + host + " is not known";
    }
    try (Socket socket = new Socket()) {
      socket.connect(socketAddress, CONNECT_MILLIS);
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
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

  /**
   * Ends jobs that no executor will ever work on. Spark itself waits for executors forever, and
   * only warns that a job "has not accepted any resources".
   */
  private static final class ExecutorWatch implements Runnable {
    private final SparkContext spark;
    private long since = System.nanoTime();

    ExecutorWatch(SparkContext spark) {
      this.spark = spark;
    }

    @Override
    public void run() {
      int[] jobs = spark.statusTracker().getActiveJobIds();
      // The driver is in the list too.
      boolean executors = spark.statusTracker().getExecutorInfos().length > 1;
      Duration patience = Slots.patience(spark.conf());
      if (jobs.length == 0 || executors) {
        since = System.nanoTime();
      } else if (System.nanoTime() - since > patience.toNanos()) {
        for (int job : jobs) {
          spark.cancelJob(job, reason(patience));
        }
      }
    }

    private String reason(Duration patience) {
      SparkConf conf = spark.conf();
      return ("because %s has had no executor for it for %s s. Either the cluster has no free"
              + " worker of the size of an executor (%s and its overhead, %s cores of a worker):"
              + " the master's page lists those it has. Or executors start but do not reach the"
              + " driver at %s:%s: their logs say so; open that port, or set spark.driver.host"
              + " to an address they reach. If it only needs time, %s.")
          .formatted(
              conf.get("spark.master"),
              patience.toSeconds(),
              conf.get("spark.executor.memory", "1g"),
              conf.get("spark.executor.cores", "all"),
              conf.get("spark.driver.host"),
              conf.get("spark.driver.port"),
              Slots.patienceAdvice());
    }
  }

  /** Returns the running session. */
  public SparkSession session() {
    return session;
  }

  /** Returns the master that it runs on. */
  public String master() {
    return session.sparkContext().master();
  }

  /**
   * Ends all that this process's Spark is doing, of which nothing more is logged: whoever waits for
   * a job gets an exception.
   *
   * @return whether there is a Spark
   */
  public static boolean abort() {
    Configurator.setAllLevels("", Level.OFF);
    Option<SparkSession> session = SparkSession.getDefaultSession();
    boolean running = session.isDefined() && !session.get().sparkContext().isStopped();
    if (running) {
      session.get().sparkContext().cancelAllJobs();
    }
    return running;
  }

  @Override
  public void close() {
    watching.shutdownNow();
    Slots.awaitIdle(JavaSparkContext.fromSparkContext(session.sparkContext()));
    PrintStream err = System.err;
    if (!verbose) {
      // All jobs are over: what threads and executors meet that are being stopped is no news.
      session.sparkContext().setLogLevel("OFF");
      TOLD_ANYWAY.forEach(logger -> Configurator.setLevel(logger, Level.OFF));
      System.setErr(new PrintStream(OutputStream.nullOutputStream()));
    }
    try {
      session.stop();
    } finally {
      System.setErr(err);
    }
  }
}
