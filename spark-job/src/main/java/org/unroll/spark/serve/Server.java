// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Json;

/**
 * A server answers over HTTP for a model: with a page to write on, with OpenAI's form of
 * completions and embeddings, and with predictions of rows. It is the JDK's own, a thread for each
 * request under way; what is computed for language models is computed by an {@link Engine} for all
 * together.
 */
public final class Server implements AutoCloseable {
  /** The requests that are answered side by side; others wait for a thread. */
  private static final int THREADS = 256;

  private static final int CONNECTIONS = 2048;
  private static final int BACKLOG = 256;
  private static final String TEXT = "text/plain; charset=utf-8";

  /** The files of the page, by their paths. */
  private static final Map<String, List<String>> PAGE =
      Map.of(
          "/", List.of("page.html", "text/html; charset=utf-8"),
          "/page.css", List.of("page.css", "text/css; charset=utf-8"),
          "/page.js", List.of("page.js", "text/javascript; charset=utf-8"),
          "/icon.svg", List.of("icon.svg", "image/svg+xml"));

  /** What a path answers. */
  @FunctionalInterface
  private interface Answer {
    void to(Call call) throws IOException;
  }

  /**
   * A path.
   *
   * @param method GET, which HEAD may be instead, or POST
   * @param keyed whether clients need the key
   */
  private record Route(String method, boolean keyed, Answer answer) {}

  private final Settings settings;
  private final Metrics metrics = new Metrics();
  private final Models models;
  private final Gate gate;
  private final HttpServer http;
  private final ThreadPoolExecutor threads;
  private final Map<String, Route> routes;
  private volatile boolean ending;

  /**
   * How a server is to be.
   *
   * @param model folder of the model, or its place in a registry
   * @param host address to listen to
   * @param port 0 for any that is free
   * @param apiKey that clients must have; null for none, which is for loopback alone
   * @param threads that compute a step of a language model together
   * @param lookEvery time after which a registry is looked at for a new version
   */
  public record Settings(
      String model,
      String host,
      int port,
      String apiKey,
      int threads,
      Duration lookEvery,
      Limits limits) {}

  /**
   * Reads the model and listens from here on.
   *
   * @param notes takes what whoever runs the server should know; nothing that was typed
   * @throws InputException if the model cannot be read, or the address not be listened to
   */
  public Server(Settings settings, Consumer<String> notes) {
    this.settings = settings;
    InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
    if (address.isUnresolved()) {
      throw new InputException(
          "The address '%s' (--host) is not known here.".formatted(settings.host()));
    }
    if (!address.getAddress().isLoopbackAddress() && settings.apiKey() == null) {
      throw new InputException(
          ("Others can reach %s (--host), so an API key is needed: write one of 16 characters or more"
                  + " to a file and give --api-key-file FILE.")
              .formatted(settings.host()));
    }
    Limits limits = settings.limits();
    gate = new Gate(address.getAddress(), settings.apiKey(), limits.rate());
    models =
        new Models(
            settings.model(), settings.lookEvery(), limits, settings.threads(), metrics, notes);
    threads = threads();
    routes = routes();
    try {
      http = listen(address, limits, "--port");
    } catch (RuntimeException e) {
      models.close();
      throw e;
    }
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
  }

  /**
   * Makes the JDK's server, with limits for clients that send or read slowly, that talk too much or
   * are too many.
   *
   * @param option that names the port
   * @throws InputException if the address cannot be listened to
   */
  static HttpServer listen(InetSocketAddress address, Limits limits, String option) {
    // The JDK's server reads these once in a process. A response may take as long as a request and
    // a client that reads slowly.
    set("sun.net.httpserver.nodelay", "true");
    set("sun.net.httpserver.maxReqTime", String.valueOf(limits.sending().toSeconds() + 5));
    set("sun.net.httpserver.maxRspTime", String.valueOf(limits.request().toSeconds() + 10));
    set("sun.net.httpserver.maxReqHeaders", "100");
    set("sun.net.httpserver.maxReqHeaderSize", String.valueOf(1 << 16));
    set("sun.net.httpserver.maxIdleConnections", "512");
    set("jdk.httpserver.maxConnections", String.valueOf(CONNECTIONS));
    try {
      return HttpServer.create(address, BACKLOG);
    } catch (BindException e) {
      throw new InputException(
          ("Nothing can listen to port %s of %s: %s. Name another one with %s, or 0 for any that is"
                  + " free.")
              .formatted(address.getPort(), address.getHostString(), e.getMessage(), option),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void set(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private static ThreadPoolExecutor threads() {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "unroll-http-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private Map<String, Route> routes() {
    return Map.of(
        "/v1/models", new Route("GET", true, this::listModels),
        "/v1/completions", new Route("POST", true, this::complete),
        "/v1/embeddings", new Route("POST", true, this::embed),
        "/predict", new Route("POST", true, this::predict),
        "/healthz", new Route("GET", false, this::health),
        "/metrics", new Route("GET", true, this::tellMetrics),
        "/", new Route("GET", false, this::page),
        "/page.css", new Route("GET", false, this::page),
        "/page.js", new Route("GET", false, this::page),
        "/icon.svg", new Route("GET", false, this::page));
  }

  /** Returns the port that is listened to. */
  public int port() {
    return http.getAddress().getPort();
  }

  /** Returns the address of the page. */
  public String url() {
    String host = settings.host();
    return "http://%s:%s/".formatted(host.contains(":") ? "[" + host + "]" : host, port());
  }

  /** Returns what is served, in words. */
  public String model() {
    ServedModel model = models.take();
    try {
      return model.id() + (model.version() == null ? "" : ", version " + model.version());
    } finally {
      model.give();
    }
  }

  Metrics metrics() {
    return metrics;
  }

  /**
   * Answers a request.
   *
   * @throws IOException if the client has gone: the JDK's server forgets the connection then, which
   *     closing the exchange would leave to its clock
   */
  private void handle(HttpExchange exchange) throws IOException {
    Call call = new Call(exchange, settings.limits());
    String path = call.path();
    Route route = path.startsWith("/v1/models/") ? modelRoute() : routes.get(path);
    metrics.begin();
    boolean whole = false;
    try {
      answer(call, route);
      whole = true;
    } finally {
      String name = route == null ? "other" : path.startsWith("/v1/models") ? "/v1/models" : path;
      metrics.end(name, call.status(), !whole, call.nanos());
    }
  }

  private Route modelRoute() {
    return new Route("GET", true, this::tellModel);
  }

  private void answer(Call call, Route route) throws IOException {
    try {
      gate.admit(call, route == null || route.keyed());
      if (ending) {
        throw ApiException.busy("The server is about to end.");
      }
      if (route == null) {
        throw ApiException.refused(404, "not_found", "There is nothing at this path.");
      }
      String method = call.method();
      boolean head = route.method().equals("GET") && method.equals("HEAD");
      if (!method.equals(route.method()) && !head) {
        call.allow(route.method());
        throw ApiException.refused(
            405, "method_not_allowed", "This path takes " + route.method() + ".");
      }
      route.answer().to(call);
    } catch (ApiException e) {
      call.refuse(e);
    } catch (InputException e) {
      call.refuse(ApiException.invalid(null, e.getMessage()));
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      metrics.fault(e);
      call.refuse(ApiException.fault("The server could not answer this."));
    }
  }

  /** Does something with the model that is served now, which stays until that is done. */
  private void with(ModelAnswer work) throws IOException {
    ServedModel model = models.take();
    try {
      work.with(model);
    } finally {
      model.give();
    }
  }

  @FunctionalInterface
  private interface ModelAnswer {
    void with(ServedModel model) throws IOException;
  }

  private void listModels(Call call) throws IOException {
    with(
        model ->
            call.answer(200, Json.fields("object", "list", "data", List.of(model.description()))));
  }

  private void tellModel(Call call) throws IOException {
    with(
        model -> {
          requireModel(model, call.path().substring("/v1/models/".length()));
          call.answer(200, model.description());
        });
  }

  private static void requireModel(ServedModel model, String id) {
    if (id != null && !id.equals(model.id())) {
      throw ApiException.noModel(
          "There is no model of this name here; there is '%s'.".formatted(model.id()));
    }
  }

  private void complete(Call call) throws IOException {
    ObjectNode json = call.object();
    CompletionRequest request = CompletionRequest.of(json, settings.limits());
    with(
        model -> {
          requireModel(model, new Fields(json).textOrNull("model"));
          if (model.engine() == null) {
            throw ApiException.invalid(
                "model",
                "The model '%s' writes no text: it is of task %s. Ask /predict."
                    .formatted(model.id(), model.model().task().name()));
          }
          new Completions(model, settings.limits(), metrics).answer(call, request);
        });
  }

  private void embed(Call call) throws IOException {
    ObjectNode json = call.object();
    with(
        model -> {
          requireModel(model, new Fields(json).textOrNull("model"));
          new Embeddings(model, settings.limits()).answer(call, json);
        });
  }

  private void predict(Call call) throws IOException {
    JsonNode json = call.json();
    if (!json.isContainerNode()) {
      throw ApiException.invalid(null, "The body must be a row or a list of rows.");
    }
    with(model -> new Predictions(model, settings.limits(), metrics).answer(call, json));
  }

  private void health(Call call) throws IOException {
    with(
        model ->
            call.answer(
                200, Json.fields("status", "ok", "model", model.id(), "version", model.version())));
  }

  private void tellMetrics(Call call) throws IOException {
    call.answer(200, TEXT, metrics.text().getBytes(StandardCharsets.UTF_8));
  }

  private void page(Call call) throws IOException {
    List<String> file = PAGE.get(call.path());
    try (InputStream in = Server.class.getResourceAsStream(file.get(0))) {
      call.answer(200, file.get(1), in.readAllBytes());
    }
  }

  /**
   * Takes no more requests, ends those under way, and stops.
   *
   * @param patience after which texts that are being written are cut off
   */
  public void close(Duration patience) {
    ending = true;
    models.close(patience);
    long until = System.nanoTime() + Math.max(patience.toNanos(), TimeUnit.SECONDS.toNanos(1));
    while (metrics.openRequests() > 0 && System.nanoTime() < until) {
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    http.stop(0);
    threads.shutdownNow();
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }
}
