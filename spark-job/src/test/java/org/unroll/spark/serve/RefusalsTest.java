// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.io.InputException;

/** What is refused, by whom and how. */
@Timeout(600)
class RefusalsTest {
  private static final String KEY = "a key of more than sixteen characters".replace(' ', '-');
  private static Served served;

  @BeforeAll
  static void start() {
    served = new Served(Served.MODELS.resolve("lm-char"));
  }

  @AfterAll
  static void stop() {
    assertThat(served.server.metrics().text()).contains("unroll_faults_total 0\n");
    served.close();
  }

  private static JsonNode refused(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode error = Served.json(answer.body()).get("error");
    assertThat(error.fieldNames()).toIterable().containsExactly("message", "type", "param", "code");
    assertThat(error.get("message").textValue()).endsWith(".").doesNotContain("Exception");
    return error;
  }

  private static JsonNode refused(String path, String body, int status) {
    return refused(served.send(served.post(path, body)), status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "max_tokens | -1",
        "max_tokens | 301",
        "max_tokens | 1.5",
        "max_tokens | \"3\"",
        "n | 0",
        "n | 65",
        "temperature | -0.1",
        "temperature | \"hot\"",
        "temperature | 1e999",
        "top_p | 0",
        "top_p | 1.1",
        "top_k | -1",
        "seed | 0.5",
        "seed | 9223372036854775808",
        "logprobs | 21",
        "logprobs | true",
        "stop | \"\"",
        "stop | [1]",
        "stop | {\"a\": 1}",
        "stop | \"\\ud800\"",
        "stream | \"yes\"",
        "echo | 1",
        "prompt | 3",
        "prompt | [[1, 2]]",
        "prompt | []",
        "prompt | \"half \\udc00\"",
        "prompt | \"\u4e16\u754c\"",
        "suffix | \"behind\"",
        "best_of | 2",
        "presence_penalty | 0.5",
        "frequency_penalty | 1",
        "logit_bias | {\"50\": 1}",
        "tempreature | 1"
      })
  void a_field_that_is_wrong_is_named(String field, String value) {
    String body =
        field.equals("prompt")
            ? "{\"prompt\": %s}".formatted(value)
            : "{\"prompt\": \"the\", \"%s\": %s}".formatted(field, value);
    JsonNode error = refused("/v1/completions", body, 400);
    assertThat(error.get("param").textValue()).isEqualTo(field);
    assertThat(error.get("type").textValue()).isEqualTo("invalid_request_error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``",
        "{",
        "[]",
        "null",
        "3",
        "\"text\"",
        "{\"prompt\": \"a\", \"prompt\": \"b\"}",
        "{} {}"
      })
  void a_body_that_is_no_object_is_told_as_such(String body) {
    refused("/v1/completions", body, 400);
  }

  @Test
  void bytes_that_are_no_text_are_told_as_such() {
    byte[] body = "{\"prompt\": \"a?\"}".getBytes(StandardCharsets.US_ASCII);
    body[13] = (byte) 0xff;
    HttpRequest.Builder request =
        served
            .to("/v1/completions")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    assertThat(refused(served.send(request), 400).get("message").textValue()).contains("UTF-8");
  }

  @Test
  void deep_json_and_long_names_are_refused_and_nothing_else_happens() {
    refused("/v1/completions", "[".repeat(30_000), 400);
    refused("/predict", "[".repeat(30_000), 400);
    JsonNode error = refused("/v1/completions", "{\"" + "x".repeat(20_000) + "\": 1}", 400);
    assertThat(error.get("message").textValue()).hasSizeLessThan(400);
  }

  @Test
  void a_prompt_that_is_too_long_is_refused_with_both_numbers() {
    String body = Served.completion("a".repeat(601), 1, 1).toString();
    assertThat(refused("/v1/completions", body, 400).get("message").textValue())
        .contains("601", "600");
  }

  @Test
  void a_body_that_is_too_large_is_refused_whether_its_length_is_told_or_not() {
    String body = "{\"prompt\": \"%s\"}".formatted("a".repeat(70_000));
    assertThat(served.send(served.post("/v1/completions", body)).statusCode()).isEqualTo(413);
    HttpRequest.Builder chunked =
        served
            .to("/v1/completions")
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.fromPublisher(
                    HttpRequest.BodyPublishers.ofString(body)));
    assertThat(served.send(chunked).statusCode()).isEqualTo(413);
  }

  @Test
  void other_paths_methods_types_and_models_have_codes_of_their_own() {
    refused(served.get("/v1/nothing"), 404);
    refused(served.get("/../../etc/passwd"), 404);
    refused(served.get("/page.css/../config.json"), 404);
    HttpResponse<String> wrong = served.get("/v1/completions");
    refused(wrong, 405);
    assertThat(wrong.headers().firstValue("Allow")).contains("POST");
    refused(served.send(served.to("/healthz").DELETE()), 405);
    HttpRequest.Builder text =
        served.to("/v1/completions").POST(HttpRequest.BodyPublishers.ofString("{}"));
    refused(served.send(text), 415);
    refused(
        served.send(
            served
                .to("/v1/completions")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))),
        415);
    JsonNode error = refused("/v1/completions", "{\"model\": \"other\", \"prompt\": \"a\"}", 404);
    assertThat(error.get("code").textValue()).isEqualTo("model_not_found");
    refused(served.get("/v1/models/other"), 404);
    assertThat(served.get("/v1/models/lm-char").statusCode()).isEqualTo(200);
    refused(served.send(served.to("/healthz").header("x-long", "a".repeat(20_000))), 431);
  }

  @Test
  void answers_forbid_frames_sniffing_and_other_sites() {
    for (String path : List.of("/", "/page.css", "/page.js", "/v1/models", "/nothing")) {
      HttpResponse<String> answer = served.get(path);
      assertThat(answer.headers().firstValue("Content-Security-Policy"))
          .contains("default-src 'self'; frame-ancestors 'none'");
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
      assertThat(answer.headers().map().keySet())
          .noneMatch(name -> name.startsWith("access-control"));
    }
    assertThat(served.get("/page.js").headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/javascript");
  }

  @Test
  void a_name_that_somebody_else_gave_this_machine_is_refused() throws IOException {
    for (String host :
        List.of("evil.example", "localhost.evil.example:80", "127.0.0.1.nip.io", "")) {
      assertThat(Raw.ask(served, "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
          .startsWith("HTTP/1.1 421");
    }
    for (String host : List.of("localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080")) {
      assertThat(Raw.ask(served, "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
          .startsWith("HTTP/1.1 200");
    }
    assertThat(Raw.ask(served, "GET /healthz HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400");
  }

  @Test
  void a_request_without_a_length_is_refused() throws IOException {
    String head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n";
    assertThat(Raw.ask(served, head + "Content-Type: application/json\r\n\r\n"))
        .startsWith("HTTP/1.1 411");
  }

  @Test
  void a_key_is_asked_of_everybody_but_for_the_page_and_the_health() {
    try (Served keyed =
        new Served(Served.MODELS.resolve("lm-char").toString(), KEY, Served.LIMITS)) {
      ObjectNode body = Served.completion("the ", 3, 1);
      HttpResponse<String> none = keyed.send(keyed.post("/v1/completions", body.toString()));
      refused(none, 401);
      assertThat(none.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      for (String wrong : List.of("Bearer x", "Bearer " + KEY + "x", KEY, "Basic " + KEY, "")) {
        refused(
            keyed.send(
                keyed.post("/v1/completions", body.toString()).header("Authorization", wrong)),
            401);
      }
      for (String path : List.of("/v1/models", "/metrics", "/no/such")) {
        refused(keyed.get(path), 401);
      }
      assertThat(keyed.get("/healthz").statusCode()).isEqualTo(200);
      assertThat(keyed.get("/").statusCode()).isEqualTo(200);
      assertThat(
              keyed
                  .send(
                      keyed
                          .post("/v1/completions", body.toString())
                          .header("Authorization", "Bearer " + KEY))
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void others_are_not_listened_to_without_a_key() {
    Server.Settings open =
        new Server.Settings(
            Served.MODELS.resolve("lm-char").toString(),
            "0.0.0.0",
            0,
            null,
            1,
            Duration.ofSeconds(1),
            Served.LIMITS);
    assertThatThrownBy(() -> new Server(open, note -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--api-key-file");
  }

  @Test
  void whoever_asks_too_often_waits_and_is_let_in_again() {
    Limits few =
        new Limits(1 << 16, 600, 300, 64, 64, 1, Duration.ofSeconds(60), Duration.ofSeconds(20));
    try (Served slow = new Served(Served.MODELS.resolve("lm-char").toString(), null, few)) {
      HttpResponse<String> answer = slow.get("/healthz");
      for (int i = 0; answer.statusCode() == 200; i++) {
        assertThat(i).isLessThan(100_000);
        answer = slow.get("/healthz");
      }
      assertThat(refused(answer, 429).get("type").textValue()).isEqualTo("rate_limit_error");
      assertThat(answer.headers().firstValue("Retry-After")).contains("1");
      while (answer.statusCode() == 429) {
        answer = slow.get("/healthz");
      }
      assertThat(answer.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void a_server_whose_places_are_taken_says_so() {
    Limits one =
        new Limits(1 << 16, 600, 300, 64, 1, 0, Duration.ofSeconds(60), Duration.ofSeconds(20));
    try (Served busy = new Served(Served.MODELS.resolve("lm-char").toString(), null, one)) {
      ObjectNode two = Served.completion("the ", 3, 1).put("n", 2);
      assertThat(refused(busy.send(busy.post("/v1/completions", two.toString())), 400).get("param"))
          .hasToString("\"n\"");
    }
  }
}
