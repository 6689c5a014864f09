// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.spark.cli.Shell;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.RegistryFolder;
import org.unroll.spark.store.SavedModel;

/** A server of a test, and a client that asks it over a real connection. */
final class Served implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  static final Limits LIMITS =
      new Limits(1 << 16, 600, 300, 64, 64, 0, Duration.ofSeconds(60), Duration.ofSeconds(20));

  /** Models that earlier versions have trained. */
  static final Path MODELS = Shell.HOME.resolve("spark-job/src/test/resources/version-1");

  final Server server;
  final List<String> notes = new CopyOnWriteArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  Served(Path model) {
    this(model.toString(), null, LIMITS);
  }

  Served(String model, String key, Limits limits) {
    server =
        new Server(
            new Server.Settings(model, "127.0.0.1", 0, key, 1, Duration.ofMillis(20), limits),
            notes::add);
  }

  HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(server.url()).resolve(path))
        .timeout(Duration.ofSeconds(120));
  }

  HttpRequest.Builder post(String path, String body) {
    return to(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(
          request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<String> get(String path) {
    return send(to(path));
  }

  JsonNode ask(String path, String body) {
    HttpResponse<String> answer = send(post(path, body));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer.body());
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  /** Makes a request of a text to be continued; fields as JSON has them. */
  static ObjectNode completion(String prompt, int tokens, long seed) {
    return JSON.createObjectNode()
        .put("prompt", prompt)
        .put("max_tokens", tokens)
        .put("seed", seed)
        .put("temperature", 0.8);
  }

  JsonNode complete(ObjectNode request) {
    return ask("/v1/completions", request.toString());
  }

  /** Returns the events of a stream, without the last one, which ends it. */
  List<JsonNode> stream(ObjectNode request) {
    HttpResponse<String> answer =
        send(post("/v1/completions", request.put("stream", true).toString()));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
    return events(answer.body());
  }

  static List<JsonNode> events(String body) {
    List<JsonNode> events = new ArrayList<>();
    String[] lines = body.split("\n\n");
    for (String line : lines) {
      assertThat(line).startsWith("data: ");
      if (!line.equals("data: [DONE]")) {
        events.add(json(line.substring("data: ".length())));
      }
    }
    assertThat(body).endsWith("data: [DONE]\n\n");
    return events;
  }

  /** Returns the text of a choice in a stream. */
  static String text(List<JsonNode> events, int index) {
    StringBuilder text = new StringBuilder();
    for (JsonNode event : events) {
      for (JsonNode choice : event.get("choices")) {
        text.append(choice.get("index").intValue() == index ? choice.get("text").textValue() : "");
      }
    }
    return text.toString();
  }

  /** Returns the language model of characters with all its parameters times a factor. */
  static SavedModel scaled(float factor) {
    SavedModel model = ModelStore.read(MODELS.resolve("lm-char").toString());
    float[] params = model.params().clone();
    for (int i = 0; i < params.length; i++) {
      params[i] *= factor;
    }
    ModelConfig then = model.config();
    ModelConfig config =
        new ModelConfig("lm", Map.of("unit", "char"), then.model(), then.training(), Map.of());
    return new SavedModel(config, params, model.vocabularies(), null, Map.of());
  }

  /**
   * Makes a model the champion of a registry.
   *
   * @param folder for what is on the way there
   */
  static void promote(RegistryFolder registry, SavedModel model, Path folder, int version) {
    String path = folder.resolve("new-" + version).toString();
    ModelStore.write(model, path, false);
    registry.adopt(path, version);
    registry.append(Instant.EPOCH, "promoted", Map.of("champion", version), Map.of());
  }

  @Override
  public void close() {
    server.close();
  }
}
