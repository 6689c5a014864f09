// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Sampling;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.RegistryFolder;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.TaskModel;

/** What becomes of clients that come and go, and of servers and models that do. */
@Timeout(600)
class ServerTest {
  /** So many tokens that no test waits for the last. */
  private static final int ENDLESS = 2_000_000;

  private static final Limits LONG =
      new Limits(1 << 16, 600, ENDLESS, 64, 64, 0, Duration.ofSeconds(300), Duration.ofSeconds(20));

  @TempDir Path folder;

  private static Served endless() {
    return new Served(Served.MODELS.resolve("lm-char").toString(), null, LONG);
  }

  private static String request(ObjectNode body) {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    return "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: %s\r\n\r\n%s".formatted(bytes.length, body);
  }

  private static void await(Served served, int sessions) throws InterruptedException {
    while (served.server.metrics().openSessions() != sessions) {
      Thread.sleep(5);
    }
  }

  /** Begins an endless stream and reads its first event. */
  private static Socket stream(Served served, long seed) throws IOException {
    Socket socket = Raw.open(served);
    String body = request(Served.completion("the ", ENDLESS, seed).put("stream", true));
    socket.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    String line = lines.readLine();
    while (!line.startsWith("data: ")) {
      line = lines.readLine();
    }
    return socket;
  }

  @Test
  void a_client_that_vanishes_frees_its_place() throws Exception {
    try (Served served = endless()) {
      for (int i = 0; i < 5; i++) {
        Socket one = stream(served, 1);
        Socket two = stream(served, 2);
        assertThat(served.server.metrics().openSessions()).isEqualTo(2);
        one.close();
        await(served, 1);
        two.setSoLinger(true, 0); // with a reset
        two.close();
        await(served, 0);
      }
      while (served.server.metrics().openRequests() > 0) {
        Thread.sleep(5);
      }
      assertThat(served.get("/metrics").body()).contains("unroll_clients_gone_total 10\n");
    }
  }

  @Test
  void a_client_that_does_not_read_keeps_nobody_waiting() throws Exception {
    try (Served served = endless()) {
      List<Socket> sleeping = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        sleeping.add(stream(served, i));
      }
      for (int i = 0; i < 20; i++) {
        assertThat(served.complete(Served.completion("the ", 50, i)).get("choices")).hasSize(1);
      }
      for (Socket socket : sleeping) {
        socket.close();
      }
      await(served, 0);
    }
  }

  @Test
  void a_body_that_trickles_is_cut_off() throws Exception {
    Limits hasty =
        new Limits(1 << 16, 600, 300, 64, 64, 0, Duration.ofSeconds(60), Duration.ofSeconds(1));
    try (Served served = new Served(Served.MODELS.resolve("lm-char").toString(), null, hasty);
        Socket socket = Raw.open(served)) {
      String head =
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: 60000\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      while (!answer.ready()) {
        socket.getOutputStream().write(' ');
        Thread.sleep(20); // the pace of the client; the server's clock decides
      }
      assertThat(answer.readLine()).startsWith("HTTP/1.1 408");
    }
  }

  @Test
  void a_server_that_ends_lets_texts_be_ended_and_takes_no_more() throws Exception {
    Served served = endless();
    ObjectNode request = Served.completion("the ", 20_000, 1);
    CompletableFuture<List<JsonNode>> stream =
        CompletableFuture.supplyAsync(() -> served.stream(request));
    await(served, 1);
    served.server.close(Duration.ofSeconds(200));
    List<JsonNode> events = stream.join();
    assertThat(events.get(events.size() - 1).get("choices").get(0).get("finish_reason").textValue())
        .isEqualTo("length");
  }

  @Test
  void a_text_that_outlasts_the_patience_is_cut_off_and_told_so() throws Exception {
    Served served = endless();
    CompletableFuture<HttpResponse<String>> stream =
        CompletableFuture.supplyAsync(
            () ->
                served.send(
                    served.post(
                        "/v1/completions",
                        Served.completion("the ", ENDLESS, 1).put("stream", true).toString())));
    await(served, 1);
    served.server.close(Duration.ofMillis(1));
    List<JsonNode> events = Served.events(stream.join().body());
    assertThat(events.get(events.size() - 1).get("error").get("message").textValue())
        .contains("ended");
  }

  /** A model of the 256 bytes with random numbers, which writes anything. */
  private String bytes() {
    NetworkSpec spec =
        NetworkSpec.languageModel(256, RnnSpec.of(CellType.GRU, 8, 8, 1), false, true, false);
    Network network = new Network(spec);
    float[] params = new float[network.layout().size()];
    for (int i = 0; i < params.length; i++) {
      params[i] = RandomBits.uniform(3, i) - 0.5f;
    }
    Vocabulary vocabulary = BpeTokenizer.bytes().vocabulary(new long[256]);
    ModelConfig config =
        new ModelConfig("lm", Map.of("unit", "bpe"), spec, Map.of("seed", 1), Map.of());
    String path = folder.resolve("bytes").toString();
    ModelStore.write(
        new SavedModel(config, params, List.of(vocabulary), null, Map.of()), path, false);
    return path;
  }

  @Test
  void no_character_is_sent_in_parts() {
    String path = bytes();
    LanguageModel.Writer writer = LanguageModel.Writer.of(TaskModel.of(ModelStore.read(path)));
    try (Served served = new Served(path, null, Served.LIMITS)) {
      for (int seed = 0; seed < 30; seed++) {
        String prompt = "\u4e16 \ud83d\ude00";
        List<JsonNode> events = served.stream(Served.completion(prompt, 300, seed));
        for (JsonNode event : events) {
          String text = event.get("choices").get(0).get("text").textValue();
          assertThat(text.codePoints())
              .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
        }
        assertThat(prompt + Served.text(events, 0))
            .isEqualTo(writer.text(prompt, 300, new Sampling(0.8, 0, 1, seed)));
      }
    }
  }

  /** Returns a model with numbers that are so many times larger. */
  @Test
  void a_new_champion_is_taken_up_and_no_request_is_dropped() throws Exception {
    SavedModel first = Served.scaled(1);
    SavedModel second = Served.scaled(0.9f);
    String dir = folder.resolve("registry").toString();
    RegistryFolder registry = RegistryFolder.at(dir, "sea");
    Served.promote(registry, first, folder, 1);
    Map<String, String> texts = new HashMap<>();
    for (SavedModel model : List.of(first, second)) {
      LanguageModel.Writer writer = LanguageModel.Writer.of(TaskModel.of(model));
      texts.put(model.checksum(), writer.text("the ", 100, new Sampling(0.8, 0, 1, 1)));
    }
    assertThat(texts.get(first.checksum())).isNotEqualTo(texts.get(second.checksum()));
    ExecutorService clients = Executors.newFixedThreadPool(12);
    try (Served served = new Served("registry:" + dir + "/sea", null, Served.LIMITS)) {
      List<CompletableFuture<List<JsonNode>>> answers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        answers.add(
            CompletableFuture.supplyAsync(
                () -> {
                  List<JsonNode> all = new ArrayList<>();
                  // Every client goes on until it has been answered by the new one.
                  do {
                    all.add(served.complete(Served.completion("the ", 100, 1)));
                  } while (!fingerprint(all).equals(second.checksum()));
                  return all;
                },
                clients));
      }
      Served.promote(registry, second, folder, 2);
      for (CompletableFuture<List<JsonNode>> client : answers) {
        for (JsonNode answer : client.join()) {
          String fingerprint = answer.get("system_fingerprint").textValue();
          String text = answer.get("choices").get(0).get("text").textValue();
          assertThat("the " + text).isEqualTo(texts.get(fingerprint));
        }
      }
      JsonNode model = Served.json(served.get("/v1/models").body()).get("data").get(0);
      assertThat(model.get("id").textValue()).isEqualTo("sea");
      assertThat(model.get("unroll").get("version").textValue()).isEqualTo("2");
      assertThat(served.notes).containsExactly("Version 2 is served from now on, in place of 1.");
    } finally {
      clients.shutdownNow();
    }
  }

  private static String fingerprint(List<JsonNode> answers) {
    return answers.get(answers.size() - 1).get("system_fingerprint").textValue();
  }

  @Test
  void a_version_that_cannot_be_read_leaves_the_old_one() throws Exception {
    String dir = folder.resolve("registry").toString();
    RegistryFolder registry = RegistryFolder.at(dir, "sea");
    Served.promote(registry, Served.scaled(1), folder, 1);
    try (Served served = new Served("registry:" + dir + "/sea@champion", null, Served.LIMITS)) {
      Served.promote(registry, Served.scaled(0.9f), folder, 2);
      while (!served.get("/v1/models").body().contains("\"version\":\"2\"")) {
        Thread.sleep(5);
      }
      Path third = Path.of(registry.version(2)).resolveSibling("000003");
      Files.createDirectories(third);
      registry.append(Instant.EPOCH, "promoted", Map.of("champion", 3), Map.of());
      while (served.notes.size() < 2) {
        Thread.sleep(5);
      }
      assertThat(served.notes.get(1)).startsWith("No new version was taken up:");
      assertThat(served.complete(Served.completion("the ", 5, 1)).get("choices")).hasSize(1);
    }
  }
}
