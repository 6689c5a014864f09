// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.Main;

@Timeout(600)
class ServeCommandTest {
  private static final String MODEL =
      Shell.HOME.resolve("spark-job/src/test/resources/version-1/lm-char").toString();

  @TempDir Path folder;

  private static void refused(String expected, String... words) {
    List<String> line = new ArrayList<>(List.of("serve"));
    line.addAll(List.of(words));
    Shell.Outcome outcome = Shell.run(line.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains(expected);
  }

  @Test
  void what_cannot_be_served_is_told_at_once() throws IOException {
    refused("--model is missing");
    refused("There is no model folder", "--model", folder.resolve("none").toString());
    refused("--port is 70000", "--model", MODEL, "--port", "70000");
    refused("an API key is needed", "--model", MODEL, "--host", "0.0.0.0", "--port", "0");
    refused("(--host) is not known", "--model", MODEL, "--host", "no such host");
    Path key = Files.writeString(folder.resolve("key"), "short\n");
    refused("16 characters", "--model", MODEL, "--api-key-file", key.toString());
    refused("cannot be read", "--model", MODEL, "--api-key-file", folder.resolve("x").toString());
    refused("There is no registry", "--model", "registry:" + folder + "/sea");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      refused("Name another one with --port", "--model", MODEL, "--port", port);
    }
  }

  @Test
  void a_process_answers_and_ends_well_when_it_is_stopped() throws Exception {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--") || argument.startsWith("-XX:+Ignore"))
        .forEach(line::add);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.addAll(List.of("serve", "--model", MODEL, "--port", "0"));
    Process process =
        new ProcessBuilder(line).redirectError(folder.resolve("notes").toFile()).start();
    try (BufferedReader out = process.inputReader()) {
      String told = out.readLine();
      assertThat(told).startsWith("Serving lm-char at http://127.0.0.1:");
      String url = told.split(" ")[3];
      HttpResponse<String> health =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(url + "healthz")).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(health.body()).contains("\"status\":\"ok\"");
      process.destroy();
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(folder.resolve("notes"))).isZero();
      assertThat(Files.readString(folder.resolve("notes"))).doesNotContain("Exception", "\tat ");
    } finally {
      process.destroyForcibly();
    }
  }
}
