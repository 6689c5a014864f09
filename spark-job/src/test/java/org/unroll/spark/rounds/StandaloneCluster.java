// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;

/** A Master and Workers in processes of their own, as scripts/cluster starts them. */
public final class StandaloneCluster implements AutoCloseable {
  private static final Path SCRIPT = Path.of("..", "scripts", "cluster").toAbsolutePath();

  private final Path folder;
  private final String master;
  private final List<Process> more = new ArrayList<>();

  /** Starts one; its files go to the folder. */
  public StandaloneCluster(Path folder, int workers, int cores) throws IOException {
    this.folder = folder;
    String[] size = {"--workers", "" + workers, "--cores", "" + cores, "--port", "0"};
    master = script("start", size).strip();
  }

  private String script(String command, String... options) throws IOException {
    List<String> words = new ArrayList<>(List.of(SCRIPT.toString(), command));
    words.addAll(List.of(options));
    words.addAll(List.of("--dir", folder.toString()));
    return output(words);
  }

  private static String output(List<String> words) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.onExit().join().exitValue();
    if (code != 0) {
      throw new IllegalStateException(words + " ended with exit code " + code);
    }
    return output;
  }

  /** The master's URL. */
  public String master() {
    return master;
  }

  /** An application with a jar of these tests. */
  JavaSparkContext spark(Map<String, String> settings) throws Exception {
    return LocalSpark.startWithJars(master, folder, settings);
  }

  /** Starts a Worker under another name of this machine, for Spark another machine. */
  void addWorker(String host, int cores) throws IOException {
    String sparkClass = Path.of(System.getenv("SPARK_HOME"), "bin", "spark-class").toString();
    ProcessBuilder builder =
        new ProcessBuilder(
                sparkClass,
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                host,
                "--cores",
                "" + cores,
                "--work-dir",
                folder.resolve(host).toString(),
                master)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(host + ".log").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    more.add(builder.start());
  }

  /** The process of the Master, or of a Worker counted from 1: {@code worker-1}. */
  ProcessHandle process(String name) throws IOException {
    long pid = Long.parseLong(Files.readString(folder.resolve(name + ".pid")).strip());
    return ProcessHandle.of(pid).orElseThrow();
  }

  /** The executors that run, as the Workers' children. */
  List<ProcessHandle> executors() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<ProcessHandle> workers =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.matches("worker-\\d+\\.pid"))
              .map(name -> name.replace(".pid", ""))
              .sorted()
              .map(this::processOrThrow)
              .toList();
      return workers.stream()
          .flatMap(ProcessHandle::children)
          // A Worker that was started again has a script beside them that nobody has buried.
          .filter(child -> child.info().command().orElse("").endsWith("java"))
          .toList();
    }
  }

  private ProcessHandle processOrThrow(String name) {
    try {
      return process(name);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Kills a process as the kernel does when memory is short. */
  static void kill(ProcessHandle process) throws Exception {
    process.destroyForcibly();
    process.onExit().get(5, TimeUnit.MINUTES);
  }

  /** Starts Workers again that have died. */
  void repair() throws IOException {
    script("repair");
  }

  @Override
  public void close() throws IOException {
    for (Process process : more) {
      process.destroyForcibly();
      process.onExit().join();
    }
    script("stop");
  }
}
