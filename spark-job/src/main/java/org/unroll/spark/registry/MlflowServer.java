// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.unroll.rnn.io.InputException;

/**
 * Asks a tracking server of MLflow by its REST API, version 2.0. All questions together may take so
 * long and no longer; whatever the server does instead of answering becomes a {@link Problem} in
 * words.
 */
final class MlflowServer {
  private static final JsonMapper JSON = new JsonMapper();

  /** No answer of the API is nearly as long; the rest of a longer one is not kept. */
  private static final int LONGEST_ANSWER = 1 << 20;

  private static final int LONGEST_QUOTE = 300;

  private final String address;
  private final String authorization;
  private final Duration patience;
  private final long deadline;
  private final HttpClient http;

  /** A question that was not answered as it should be. */
  static final class Problem extends IOException {
    private static final long serialVersionUID = 1L;

    /** MLflow's own name for what is wrong; empty where it gave none. */
    final String code;

    /** Whether nobody answered, so that there is no use in asking anything else. */
    final boolean away;

    private Problem(String message, String code, boolean away) {
      super(message);
      this.code = code;
      this.away = away;
    }
  }

  /**
   * Begins a conversation, whose time runs from now.
   *
   * @param environment where MLFLOW_TRACKING_USERNAME and _PASSWORD, or MLFLOW_TRACKING_TOKEN, say
   *     who asks, as MLflow's own clients have it
   */
  MlflowServer(URI server, Duration patience, Map<String, String> environment) throws Problem {
    this.address = server.toString().replaceFirst("/+$", "");
    this.authorization = authorization(environment);
    this.patience = patience;
    this.deadline = System.nanoTime() + patience.toNanos();
    // Some servers answer nothing to an offer of HTTP/2.
    this.http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  /**
   * Returns the address of a tracking server.
   *
   * @throws InputException if it is none, with what one looks like
   */
  static URI address(String text) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException e) {
      throw noAddress(text, "it is no URI");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme();
    if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
      throw noAddress(text, "a tracking server is asked by http or https");
    }
    if (uri.getHost() == null) {
      throw noAddress(text, "it names no host");
    }
    if (uri.getPort() > 65_535) {
      throw noAddress(text, "there is no port " + uri.getPort());
    }
    if (uri.getRawUserInfo() != null) {
      throw new InputException(
          "--mlflow takes no password in its address: MLFLOW_TRACKING_USERNAME and"
              + " MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, say who asks.");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw noAddress(text, "nothing comes behind the path");
    }
    return uri;
  }

  private static InputException noAddress(String text, String why) {
    return new InputException(
        "--mlflow '%s' is no address of a tracking server: %s. One looks like http://HOST:5000."
            .formatted(text, why));
  }

  private static String authorization(Map<String, String> environment) throws Problem {
    String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
    String password = environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
    String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "").strip();
    if (!user.isEmpty() && !password.isEmpty()) {
      byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(both);
    }
    if (!token.matches("[!-~]*")) {
      throw new Problem(
          "MLFLOW_TRACKING_TOKEN has blanks or characters that are not ASCII", "", true);
    }
    return token.isEmpty() ? "" : "Bearer " + token;
  }

  /** Asks for something by one name. */
  JsonNode get(String path, String name, String value) throws Problem {
    String query = "?" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    return ask("mlflow/" + path, request("mlflow/" + path + query).GET(), patience);
  }

  /** Asks for something to be done. */
  JsonNode post(String path, Map<String, ?> body) throws Problem {
    byte[] json;
    try {
      json = JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not to be written as JSON: " + body.keySet(), e);
    }
    HttpRequest.Builder request =
        request("mlflow/" + path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(json));
    return ask("mlflow/" + path, request, patience);
  }

  /**
   * Hands over a file, for which no more than half of the time that is left is taken.
   *
   * @param path within the server's artifacts, in the characters of a URI
   */
  void upload(String path, String type, byte[] bytes) throws Problem {
    String whole = "mlflow-artifacts/artifacts/" + path;
    HttpRequest.Builder request =
        request(whole).header("Content-Type", type).PUT(BodyPublishers.ofByteArray(bytes));
    ask(whole, request, Duration.ofNanos(left() / 2));
  }

  private HttpRequest.Builder request(String path) throws Problem {
    HttpRequest.Builder request;
    try {
      request = HttpRequest.newBuilder(URI.create(address + "/api/2.0/" + path));
    } catch (IllegalArgumentException e) {
      throw problem("%s is no path", path);
    }
    return authorization.isEmpty() ? request : request.header("Authorization", authorization);
  }

  private long left() {
    return Math.max(0, deadline - System.nanoTime());
  }

  private JsonNode ask(String path, HttpRequest.Builder request, Duration limit) throws Problem {
    // A timeout of the request would end with the answer's head, and its body may come for ever.
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request.header("Accept", "application/json").build(), bounded());
    try {
      long nanos = Math.min(left(), limit.toNanos());
      return read(path, answer.get(nanos, TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      throw away("%s was not answered in time, which is %s for all", path, seconds(patience));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away("%s was broken off", path);
    } catch (ExecutionException e) {
      throw away("%s", cause(e.getCause()));
    } finally {
      answer.cancel(true);
    }
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  private static BodyHandler<byte[]> bounded() {
    return head -> {
      ByteArrayOutputStream kept = new ByteArrayOutputStream();
      return BodySubscribers.mapping(
          BodySubscribers.ofByteArrayConsumer(
              part ->
                  part.ifPresent(
                      bytes ->
                          kept.write(
                              bytes, 0, Math.min(bytes.length, LONGEST_ANSWER - kept.size())))),
          nothing -> kept.toByteArray());
    };
  }

  private static String cause(Throwable error) {
    if (ExceptionUtils.indexOfType(error, UnresolvedAddressException.class) >= 0
        || ExceptionUtils.indexOfType(error, UnknownHostException.class) >= 0) {
      return "there is no host of that name";
    }
    if (ExceptionUtils.indexOfType(error, ConnectException.class) >= 0) {
      return "nobody answers there";
    }
    String text = error.getMessage();
    return text == null ? error.getClass().getSimpleName() : quote(text);
  }

  private static JsonNode read(String path, HttpResponse<byte[]> answer) throws Problem {
    int status = answer.statusCode();
    if (status / 100 == 3) {
      String place = answer.headers().firstValue("Location").orElse("another address");
      throw problem("it sends on to %s: name that address", quote(place));
    }
    JsonNode json = json(answer.body());
    String code = json.path("error_code").asText("");
    if (status / 100 == 2 && json.isObject()) {
      return json;
    }
    if (status == 401 || status == 403) {
      throw problem(
          "HTTP %d for %s%s: MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or"
              + " MLFLOW_TRACKING_TOKEN, say who asks",
          status, path, why(json));
    }
    if (!json.isObject()) {
      String type = answer.headers().firstValue("Content-Type").orElse("of no type");
      throw problem(
          "HTTP %d for %s with an answer (%s) that is not the JSON of a tracking server",
          status, path, quote(type));
    }
    throw new Problem("HTTP %d for %s%s".formatted(status, path, why(json)), code, false);
  }

  private static JsonNode json(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      return JSON.missingNode();
    }
  }

  private static String why(JsonNode json) {
    String code = json.path("error_code").asText("");
    String message = json.path("message").asText("");
    String both = quote((code + " " + message).strip());
    return both.isEmpty() ? "" : " (" + both + ")";
  }

  /** Returns what a server said on one line of a length that a person reads. */
  private static String quote(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "...";
  }

  /** Returns the problem of an answer that is of no use. */
  static Problem problem(String format, Object... values) {
    return new Problem(format.formatted(values), "", false);
  }

  private static Problem away(String format, Object... values) {
    return new Problem(format.formatted(values), "", true);
  }
}
