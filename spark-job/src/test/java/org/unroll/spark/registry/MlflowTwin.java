// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A tracking server that keeps what it is told in memory and is as strict as the documentation of
 * MLflow's REST API: fields that are not there, that nobody knows or that have another type are
 * refused, and so is what comes in the wrong order or is over a limit.
 */
public final class MlflowTwin implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String ROOT = "/api/2.0/";

  /** Fields of each request: those with a star have to be there, a letter is the type. */
  private static final Map<String, String> REQUESTS =
      Map.of(
          "mlflow/experiments/create", "name*s artifact_location:s tags:a",
          "mlflow/runs/create", "experiment_id*s run_name:s start_time:n tags:a user_id:s",
          "mlflow/runs/log-batch", "run_id*s metrics:a params:a tags:a",
          "mlflow/runs/update", "run_id*s status:s end_time:n run_name:s",
          "mlflow/registered-models/create", "name*s tags:a description:s",
          "mlflow/model-versions/create", "name*s source*s run_id:s tags:a run_link:s",
          "mlflow/registered-models/alias", "name*s alias*s version*s");

  /** Answers something else than the twin would. */
  public interface Accident {
    /** Returns whether it has answered the request to this path below the API's root. */
    boolean answer(String path, HttpExchange exchange) throws IOException;
  }

  /** A run as it is known. */
  static final class Run {
    String experiment;
    String name;
    String status = "RUNNING";
    final Map<String, String> params = new LinkedHashMap<>();
    final Map<String, String> tags = new LinkedHashMap<>();
    final List<String> metrics = new ArrayList<>();
  }

  /** A version of a registered model. */
  public record Version(String source, String run, Map<String, String> tags) {}

  final Map<String, String> experiments = new LinkedHashMap<>();
  final Map<String, Run> runs = new LinkedHashMap<>();
  public final Map<String, List<Version>> models = new LinkedHashMap<>();
  final Map<String, String> aliases = new LinkedHashMap<>();
  final Map<String, String> files = new LinkedHashMap<>();
  final List<String> asked = new ArrayList<>();
  final Set<String> authorizations = new HashSet<>();
  String artifacts = "mlflow-artifacts:/";
  public Accident accident = (path, exchange) -> false;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** A refusal in MLflow's form. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String code;

    Refusal(int status, String code, String message) {
      super(message);
      this.status = status;
      this.code = code;
    }

    static Refusal of(String format, Object... values) {
      return new Refusal(400, "INVALID_PARAMETER_VALUE", format.formatted(values));
    }
  }

  public MlflowTwin() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().replaceFirst("^" + ROOT, "");
    asked.add(exchange.getRequestMethod() + " " + path);
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (accident.answer(path, exchange)) {
      return;
    }
    try {
      answer(
          exchange, 200, "application/json", JSON.writeValueAsString(answer(exchange, path, body)));
    } catch (Refusal e) {
      refuse(exchange, e.status, e.code, e.getMessage());
    }
  }

  static void refuse(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    String json = JSON.writeValueAsString(Map.of("error_code", code, "message", message));
    answer(exchange, status, "application/json", json);
  }

  static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private Object answer(HttpExchange exchange, String path, byte[] body) throws IOException {
    String method = exchange.getRequestMethod();
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (method.equals("GET") && path.equals("mlflow/experiments/get-by-name")) {
      String query = exchange.getRequestURI().getRawQuery();
      require(query.startsWith("experiment_name="), "no experiment_name in %s", query);
      return experiment(URLDecoder.decode(query.split("=")[1], StandardCharsets.UTF_8));
    }
    if (method.equals("PUT") && path.startsWith("mlflow-artifacts/artifacts/")) {
      files.put(path.substring(27), type + " " + new String(body, StandardCharsets.UTF_8));
      return Map.of();
    }
    require(method.equals("POST") && REQUESTS.containsKey(path), "no %s %s", method, path);
    require("application/json".equals(type), "Content-Type is %s", type);
    require(body.length <= 1_000_000, "request of %d bytes", body.length);
    JsonNode request = JSON.readTree(body);
    check(request, REQUESTS.get(path));
    return switch (path.substring(7)) {
      case "experiments/create" -> createExperiment(request.get("name").asText());
      case "runs/create" -> createRun(request);
      case "runs/log-batch" -> logBatch(request);
      case "runs/update" -> update(request);
      case "registered-models/create" -> createModel(request.get("name").asText());
      case "model-versions/create" -> createVersion(request);
      default -> alias(request);
    };
  }

  private static void require(boolean right, String format, Object... values) {
    if (!right) {
      throw Refusal.of(format, values);
    }
  }

  private static void check(JsonNode request, String fields) {
    Map<String, Character> types = new HashMap<>();
    for (String field : fields.split(" ")) {
      String name = field.substring(0, field.length() - 2);
      types.put(name, field.charAt(field.length() - 1));
      require(
          field.charAt(name.length()) != '*' || request.hasNonNull(name),
          "Missing value for required parameter '%s'",
          name);
    }
    request
        .properties()
        .forEach(
            field -> {
              char type = types.getOrDefault(field.getKey(), '?');
              JsonNode value = field.getValue();
              boolean right =
                  switch (type) {
                    case 's' -> value.isTextual();
                    case 'n' -> value.isIntegralNumber();
                    case 'd' -> value.isNumber();
                    case 'a' -> value.isArray();
                    default -> false;
                  };
              require(right, "Invalid value %s for parameter '%s'", value, field.getKey());
            });
  }

  private Object experiment(String name) {
    if (!experiments.containsKey(name)) {
      throw new Refusal(404, "RESOURCE_DOES_NOT_EXIST", "No experiment with name " + name);
    }
    return Map.of(
        "experiment",
        Map.of("experiment_id", experiments.get(name), "name", name, "lifecycle_stage", "active"));
  }

  private Object createExperiment(String name) {
    if (experiments.containsKey(name)) {
      throw new Refusal(400, "RESOURCE_ALREADY_EXISTS", "Experiment already exists");
    }
    experiments.put(name, String.valueOf(experiments.size() + 1));
    return Map.of("experiment_id", experiments.get(name));
  }

  private Object createRun(JsonNode request) {
    Run run = new Run();
    run.experiment = request.get("experiment_id").asText();
    require(experiments.containsValue(run.experiment), "no experiment %s", run.experiment);
    run.name = request.path("run_name").asText();
    String id = "run" + (runs.size() + 1);
    runs.put(id, run);
    String place = artifacts + run.experiment + "/" + id + "/artifacts";
    return Map.of("run", Map.of("info", Map.of("run_id", id, "artifact_uri", place)));
  }

  private Run run(JsonNode request) {
    String id = request.get("run_id").asText();
    if (!runs.containsKey(id)) {
      throw new Refusal(404, "RESOURCE_DOES_NOT_EXIST", "Run " + id + " not found");
    }
    return runs.get(id);
  }

  private Object logBatch(JsonNode request) {
    Run run = run(request);
    require(run.status.equals("RUNNING"), "run is over");
    require(request.path("metrics").size() <= 1000, "more than 1000 metrics");
    require(request.path("params").size() <= 100, "more than 100 params");
    require(request.path("tags").size() <= 100, "more than 100 tags");
    for (JsonNode metric : request.path("metrics")) {
      check(metric, "key*s value*d timestamp*n step:n");
      key(metric);
      run.metrics.add(
          metric.get("key").asText() + "@" + metric.get("step") + "=" + metric.get("value"));
    }
    run.params.putAll(pairs(request.path("params"), 6000));
    run.tags.putAll(pairs(request.path("tags"), 5000));
    return Map.of();
  }

  private static Map<String, String> pairs(JsonNode list, int longest) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (JsonNode pair : list) {
      check(pair, "key*s value*s");
      key(pair);
      String value = pair.get("value").asText();
      require(value.getBytes(StandardCharsets.UTF_8).length <= longest, "value is too long");
      pairs.put(pair.get("key").asText(), value);
    }
    return pairs;
  }

  private static void key(JsonNode entry) {
    String key = entry.get("key").asText();
    require(key.matches("[\\w./ -]{1,250}"), "Invalid name: '%s'", key);
  }

  private Object update(JsonNode request) {
    Run run = run(request);
    run.status = request.get("status").asText();
    require(Set.of("FINISHED", "FAILED", "KILLED").contains(run.status), "status");
    return Map.of("run_info", Map.of("status", run.status));
  }

  private Object createModel(String name) {
    if (models.containsKey(name)) {
      throw new Refusal(400, "RESOURCE_ALREADY_EXISTS", "Registered Model already exists");
    }
    models.put(name, new ArrayList<>());
    return Map.of("registered_model", Map.of("name", name));
  }

  private Object createVersion(JsonNode request) {
    String name = request.get("name").asText();
    String source = request.get("source").asText();
    require(models.containsKey(name), "no model %s", name);
    run(request);
    require(source.matches("[a-z0-9-]+:.*") && !source.startsWith("file:"), "source is local");
    List<Version> versions = models.get(name);
    versions.add(
        new Version(source, request.get("run_id").asText(), pairs(request.path("tags"), 5000)));
    return Map.of(
        "model_version", Map.of("name", name, "version", String.valueOf(versions.size())));
  }

  private Object alias(JsonNode request) {
    String name = request.get("name").asText();
    int version = Integer.parseInt(request.get("version").asText());
    require(models.get(name).size() >= version, "no version %d", version);
    aliases.put(name + "@" + request.get("alias").asText(), String.valueOf(version));
    return Map.of();
  }
}
