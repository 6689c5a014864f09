// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * HDFS and YARN with one node each in this process. Containers are processes of their own, which
 * the node manager starts as it does anywhere.
 */
final class YarnCluster implements AutoCloseable {
  private static final int NODE_MEGABYTES = 8192;
  private static final String LOOPBACK = "127.0.0.1";

  private final Path folder;
  private final Path conf;
  private final MiniDFSCluster hdfs;
  private final MiniYARNCluster yarn = new MiniYARNCluster("yarn", 1, 1, 1);
  private final List<Process> submitted = new ArrayList<>();

  /** Starts one; its files go to the folder. */
  YarnCluster(Path folder) throws Exception {
    this.folder = folder;
    Configuration disks = new Configuration();
    disks.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(disks).numDataNodes(1).build();
    hdfs.waitActive();
    yarn.init(settings());
    yarn.start();
    if (!yarn.waitForNodeManagersToConnect(600_000)) {
      throw new IllegalStateException("the node manager has not connected");
    }
    conf = Files.createDirectories(folder.resolve("conf"));
    writeConf();
  }

  private YarnConfiguration settings() {
    YarnConfiguration settings = new YarnConfiguration();
    settings.set(FileSystem.FS_DEFAULT_NAME_KEY, hdfs.getURI().toString());
    settings.set(YarnConfiguration.RM_BIND_HOST, "localhost");
    settings.set(YarnConfiguration.NM_BIND_HOST, "localhost");
    settings.setInt(YarnConfiguration.NM_PMEM_MB, NODE_MEGABYTES);
    settings.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 64);
    // What else is on the disk of whoever runs the test is none of its business.
    settings.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 100);
    // capacity-scheduler.xml, which the cluster comes without.
    String queue = "yarn.scheduler.capacity.root.default.";
    settings.set("yarn.scheduler.capacity.root.queues", "default");
    settings.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1");
    settings.set(queue + "capacity", "100");
    settings.set(queue + "maximum-capacity", "100");
    settings.set(queue + "state", "RUNNING");
    settings.set(queue + "acl_submit_applications", "*");
    return settings;
  }

  /** Writes what a machine of the cluster has under {@code HADOOP_CONF_DIR}. */
  private void writeConf() throws IOException {
    Configuration core = new Configuration(false);
    core.set(FileSystem.FS_DEFAULT_NAME_KEY, hdfs.getURI().toString());
    Configuration manager = new Configuration(false);
    for (Map.Entry<String, String> setting : yarn.getConfig()) {
      if (setting.getKey().startsWith(YarnConfiguration.RM_PREFIX)) {
        manager.set(setting.getKey(), setting.getValue());
      }
    }
    write(core, "core-site.xml");
    write(manager, "yarn-site.xml");
  }

  private void write(Configuration settings, String name) throws IOException {
    try (OutputStream out = Files.newOutputStream(conf.resolve(name))) {
      settings.writeXml(out);
    }
  }

  /** The file system that paths without a scheme belong to. */
  FileSystem files() throws IOException {
    return hdfs.getFileSystem();
  }

  /** The same file as other masters than this cluster are told of it. */
  String uri(String path) {
    return hdfs.getURI() + path;
  }

  /**
   * Submits a command from the assembled Spark.
   *
   * @param mode client or cluster
   * @param options of spark-submit
   * @param errors where its standard error goes
   */
  Process submit(String mode, List<String> options, List<String> command, Path errors)
      throws IOException {
    String spark = System.getenv("SPARK_HOME");
    String java = System.getProperty("java.home");
    List<String> words = new ArrayList<>();
    words.add(Path.of(spark, "bin", "spark-submit").toString());
    words.addAll(List.of("--master", "yarn", "--deploy-mode", mode));
    words.addAll(List.of("--driver-memory", "512m", "--executor-memory", "512m"));
    for (String setting :
        List.of(
            "spark.yarn.jars=local:" + spark + "/jars/*", // not sent to HDFS each time
            "spark.yarn.appMasterEnv.JAVA_HOME=" + java,
            "spark.executorEnv.JAVA_HOME=" + java,
            "spark.yarn.appMasterEnv.SPARK_LOCAL_IP=" + LOOPBACK,
            "spark.ui.enabled=false",
            "spark.unroll.start.timeout=600s")) {
      words.addAll(List.of("--conf", setting));
    }
    words.addAll(options);
    words.addAll(List.of("--class", "org.unroll.spark.Main", System.getProperty("unroll.jar")));
    words.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(errors.toFile());
    builder.environment().put("JAVA_HOME", java);
    builder.environment().put("HADOOP_CONF_DIR", conf.toString());
    builder.environment().put("SPARK_LOCAL_IP", LOOPBACK);
    Process process = builder.start();
    submitted.add(process);
    process.getOutputStream().close();
    return process;
  }

  /** The processes of containers that run, by the name of their main class. */
  List<ProcessHandle> containers(String mainClass) {
    return processes()
        .filter(process -> process.info().commandLine().orElse("").contains(mainClass + " "))
        .toList();
  }

  private static Stream<ProcessHandle> processes() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().command().orElse("").endsWith("java"));
  }

  /** What all containers so far have written to their standard error. */
  List<String> logs() throws IOException {
    String logs = yarn.getNodeManager(0).getConfig().get(YarnConfiguration.NM_LOG_DIRS);
    List<String> errors = new ArrayList<>();
    for (Path application : list(Path.of(logs))) {
      // The node manager removes other files of theirs meanwhile, at which Files.walk would fail.
      for (Path container : list(application)) {
        Path file = container.resolve("stderr");
        if (Files.exists(file)) {
          errors.add(Files.readString(file));
        }
      }
    }
    return errors;
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isDirectory).toList();
    }
  }

  /** Ends what was submitted, then YARN with its containers and HDFS. */
  @Override
  public void close() {
    submitted.forEach(Process::destroyForcibly);
    yarn.stop();
    List<ProcessHandle> left = processes().toList();
    left.forEach(ProcessHandle::destroyForcibly);
    left.forEach(process -> process.onExit().join()); // they write to the folder
    hdfs.shutdown();
  }
}
