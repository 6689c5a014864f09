// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.spark.cli.Shell.Outcome;

/**
 * The files of {@code conf/kubernetes}, as far as they can be looked at without Kubernetes: they
 * can be read, go together, and run a command that is understood.
 */
class KubernetesTest {
  private static final Path FOLDER = Shell.HOME.resolve("conf/kubernetes");
  private static final String CLAIM = "unroll-data";

  @TempDir Path folder;
  private final Properties settings = new Properties();
  private JsonNode service;
  private JsonNode job;

  @BeforeEach
  void read() throws IOException {
    try (Reader file = Files.newBufferedReader(FOLDER.resolve("spark-kubernetes.conf"))) {
      settings.load(file);
    }
    List<JsonNode> driver = SchedulesTest.objects(FOLDER.resolve("driver.yaml"));
    service = driver.get(0);
    job = driver.get(1);
  }

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void every_file_says_that_it_was_not_run_and_what_to_change(Path file) throws IOException {
    List<String> head =
        Files.readAllLines(file).stream().takeWhile(line -> line.startsWith("#")).toList();
    assertThat(head).hasSizeBetween(3, 16).contains("# SPDX-License-Identifier: Apache-2.0");
    assertThat(head).anyMatch(line -> line.endsWith(" Not run."));
    assertThat(head).anyMatch(line -> line.startsWith("# What to change: "));
  }

  @ParameterizedTest
  @MethodSource("files")
  void every_object_has_its_kind_and_belongs_to_the_namespace(Path file) throws IOException {
    if (!file.toString().endsWith(".yaml")) {
      assertThat(settings.stringPropertyNames()).allMatch(name -> name.startsWith("spark."));
      assertThat(settings).containsEntry("spark.kubernetes.namespace", "training");
      return;
    }
    for (JsonNode object : SchedulesTest.objects(file)) {
      assertThat(object.path("apiVersion").asText()).isNotEmpty();
      JsonNode name = object.path("metadata");
      boolean namespace = object.path("kind").asText().equals("Namespace");
      assertThat(name.path(namespace ? "name" : "namespace").asText()).isEqualTo("training");
      SchedulesTest.requireVolumes(object);
    }
  }

  @Test
  void executors_find_the_driver_by_its_service_at_ports_that_it_has() {
    assertThat(settings)
        .containsEntry(
            "spark.driver.host", service.at("/metadata/name").asText() + ".training.svc");
    assertThat(service.at("/spec/clusterIP").asText()).isEqualTo("None");
    assertThat(service.at("/spec/selector"))
        .isEqualTo(job.at("/spec/template/metadata/labels"))
        .isNotEmpty();
    String[] ports = {
      settings.getProperty("spark.driver.port"),
      settings.getProperty("spark.driver.blockManager.port"),
      settings.getProperty("spark.unroll.port")
    };
    assertThat(service.findValuesAsText("port")).containsExactly(ports);
    assertThat(job.findValuesAsText("containerPort")).containsExactly(ports);
    assertThat(settings).as("other ports are closed").containsEntry("spark.port.maxRetries", "0");
  }

  @Test
  void executors_have_the_volumes_of_the_driver() throws IOException {
    String claimed = "spark.kubernetes.executor.volumes.persistentVolumeClaim.data.";
    String memory = "spark.kubernetes.executor.volumes.hostPath.memory.";
    assertThat(settings)
        .containsEntry(claimed + "options.claimName", CLAIM)
        .containsEntry(claimed + "mount.path", mount("data"))
        .containsEntry(memory + "options.path", job.findPath("hostPath").path("path").asText())
        .containsEntry(memory + "mount.path", mount("memory"));
    assertThat(job.findPath("claimName").asText()).isEqualTo(CLAIM);
    JsonNode storage = SchedulesTest.objects(FOLDER.resolve("storage.yaml")).get(0);
    assertThat(storage.at("/metadata/name").asText()).isEqualTo(CLAIM);
  }

  private String mount(String volume) {
    for (JsonNode mount : job.findPath("volumeMounts")) {
      if (mount.path("name").asText().equals(volume)) {
        return mount.path("mountPath").asText();
      }
    }
    throw new AssertionError("there is no volume " + volume);
  }

  @Test
  void the_image_and_the_account_are_the_same_everywhere() throws IOException {
    assertThat(settings)
        .containsEntry("spark.kubernetes.container.image", job.findPath("image").asText());
    List<String> accounts = new ArrayList<>();
    for (JsonNode object : SchedulesTest.objects(FOLDER.resolve("access.yaml"))) {
      if (object.path("kind").asText().equals("ServiceAccount")) {
        accounts.add(object.at("/metadata/name").asText());
      }
    }
    assertThat(accounts).containsExactly(job.findPath("serviceAccountName").asText());
  }

  /** The command goes as far as its data, which are not there. */
  @Test
  void the_command_is_understood() {
    List<String> words = new ArrayList<>();
    job.findPath("args").forEach(word -> words.add(word.asText()));
    assertThat(words).contains("/etc/unroll/spark-kubernetes.conf");
    String[] command =
        words.subList(words.indexOf("/opt/unroll/unroll.jar") + 1, words.size()).stream()
            .map(word -> word.replace("/data", folder.toString()))
            .map(word -> word.replace("@/etc/unroll/", "@conf/"))
            .toArray(String[]::new);
    Outcome outcome = Shell.run(command);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(Failures.USAGE);
    assertThat(outcome.err()).contains(folder.resolve("text").toString()).doesNotContain("--help");
  }
}
