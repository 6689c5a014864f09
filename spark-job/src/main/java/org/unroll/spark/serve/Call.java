// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.unroll.rnn.data.Utf8;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;

/** A request that is being answered. */
final class Call {
  static final String JSON = "application/json";

  /** What a browser is told with every answer: nothing of elsewhere, and in no frame. */
  private static final List<List<String>> SAFETY =
      List.of(
          List.of("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"),
          List.of("X-Content-Type-Options", "nosniff"),
          List.of("X-Frame-Options", "DENY"),
          List.of("Referrer-Policy", "no-referrer"),
          List.of("Cache-Control", "no-store"));

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int PIECE = 1 << 13;

  private final HttpExchange exchange;
  private final Limits limits;
  private final long begun = System.nanoTime();
  private int status;
  private OutputStream events;

  Call(HttpExchange exchange, Limits limits) {
    this.exchange = exchange;
    this.limits = limits;
    SAFETY.forEach(header -> exchange.getResponseHeaders().set(header.get(0), header.get(1)));
  }

  String method() {
    return exchange.getRequestMethod();
  }

  /** Returns the path without what stands behind a question mark. */
  String path() {
    String path = exchange.getRequestURI().getPath();
    return path == null ? "" : path;
  }

  Headers headers() {
    return exchange.getRequestHeaders();
  }

  /** Returns who asks, by the address. */
  String client() {
    return exchange.getRemoteAddress().getAddress().getHostAddress();
  }

  /** Returns when the request is to be answered at the latest, by {@link System#nanoTime}. */
  long deadline() {
    return begun + limits.request().toNanos();
  }

  long nanos() {
    return System.nanoTime() - begun;
  }

  /** Returns the status that was sent; 0 for none yet. */
  int status() {
    return status;
  }

  /**
   * Returns the body, which must be JSON.
   *
   * @throws ApiException if it is none, or more or slower than it may be
   * @throws IOException if the client has gone
   */
  JsonNode json() throws IOException {
    requireJson();
    byte[] body = body();
    if (Utf8.firstInvalid(body, 0, body.length) < body.length) {
      throw ApiException.invalid(null, "The body is not UTF-8.");
    }
    try {
      return StrictJson.value(body, "The body");
    } catch (InputException e) {
      throw ApiException.invalid(null, e.getMessage() + ".");
    }
  }

  /** Returns the body, which must be an object of JSON. */
  ObjectNode object() throws IOException {
    if (json() instanceof ObjectNode object) {
      return object;
    }
    throw ApiException.invalid(null, "The body must be a JSON object.");
  }

  private void requireJson() {
    String type = headers().getFirst("Content-Type");
    String plain = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!plain.equals(JSON)) {
      throw ApiException.refused(
          415, "unsupported_media_type", "The body must be JSON: send Content-Type: " + JSON + ".");
    }
  }

  private byte[] body() throws IOException {
    String length = headers().getFirst("Content-Length");
    if (length == null && !headers().containsKey("Transfer-Encoding")) {
      throw ApiException.refused(411, "length_required", "The request has no Content-Length.");
    }
    if (length != null && Long.parseLong(length) > limits.body()) {
      throw tooLarge();
    }
    InputStream in = exchange.getRequestBody();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] piece = new byte[PIECE];
    for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
      body.write(piece, 0, n);
      if (body.size() > limits.body()) {
        throw tooLarge();
      }
      if (nanos() > limits.sending().toNanos()) {
        throw ApiException.refused(
            408,
            "request_timeout",
            "The request did not come within %s s.".formatted(limits.sending().toSeconds()));
      }
    }
    return body.toByteArray();
  }

  private ApiException tooLarge() {
    return ApiException.refused(
        413,
        "request_too_large",
        "The body is larger than the %s bytes that a request may have.".formatted(limits.body()));
  }

  /** Answers with JSON. */
  void answer(int code, Object json) throws IOException {
    answer(code, JSON, write(json));
  }

  /** Answers with bytes. */
  void answer(int code, String type, byte[] body) throws IOException {
    status = code;
    exchange.getResponseHeaders().set("Content-Type", type);
    if (method().equals("HEAD")) {
      exchange.sendResponseHeaders(code, -1);
      return;
    }
    exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  /** Refuses the request, or, where an answer has begun, says so behind it. */
  void refuse(ApiException why) throws IOException {
    if (events != null) {
      event(why.body());
      end();
      return;
    }
    if (why.status() == 401) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
    }
    if (why.status() == 429 || why.status() == 503) {
      exchange.getResponseHeaders().set("Retry-After", "1");
    }
    if (why.status() == 408 || why.status() == 413) {
      // What is still to come of the body is not read.
      exchange.getResponseHeaders().set("Connection", "close");
    }
    answer(why.status(), why.body());
  }

  /** Says what a page may do that is whole in itself: have styles and pictures of its own. */
  void wholePage() {
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'");
  }

  /** Says which methods there are. */
  void allow(String methods) {
    exchange.getResponseHeaders().set("Allow", methods);
  }

  /** Begins an answer of server-sent events. */
  void begin() throws IOException {
    status = 200;
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    exchange.sendResponseHeaders(200, 0);
    events = exchange.getResponseBody();
  }

  /** Adds an event with JSON, which {@link #flush} sends. */
  void event(Object json) throws IOException {
    events.write("data: ".getBytes(StandardCharsets.US_ASCII));
    events.write(write(json));
    events.write("\n\n".getBytes(StandardCharsets.US_ASCII));
  }

  void flush() throws IOException {
    events.flush();
  }

  /** Ends the events as OpenAI does. */
  void end() throws IOException {
    events.write("data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII));
    events.close();
  }

  private static byte[] write(Object json) {
    try {
      return MAPPER.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an answer is no JSON", e);
    }
  }
}
