// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests that are wrong in any way: {@code -Dunroll.serve.fuzz=100000} sends so many, {@code
 * scripts/serve-fuzz} does that.
 */
@Timeout(36_000)
class ServeFuzzTest {
  private static final int COUNT = Integer.getInteger("unroll.serve.fuzz", 3000);
  private static final long SEED = Long.getLong("unroll.serve.seed", 1);

  private static final List<String> PATHS =
      List.of(
          "/v1/completions",
          "/predict",
          "/v1/embeddings",
          "/v1/models",
          "/v1/models/lm-char",
          "/healthz",
          "/metrics",
          "/",
          "/page.js",
          "/%00",
          "/%zz",
          "/../..",
          "//",
          "*",
          "http://x/",
          "/\u00e9",
          "/predict?x=%ff#y");

  private static final List<String> BODIES =
      List.of(
          "{\"prompt\":\"the \",\"max_tokens\":5,\"seed\":1,\"stop\":[\"a\",\"b\"],\"n\":2}",
          "{\"prompt\":[\"a\",\"\"],\"max_tokens\":3,\"stream\":true,\"logprobs\":2,\"echo\":true}",
          "{\"text\":\"the sea\",\"beam\":2,\"attention\":true}",
          "[{\"text\":\"a\"},{\"text\":\"b\"},\"c\"]",
          "{\"rows\":[{\"text\":[\"a\",\"b\"]}],\"beam\":1}",
          "{\"input\":[\"a\",\"the\"],\"encoding_format\":\"base64\"}",
          "{\"text\":\"work/numbers.npy\",\"features\":[[1,2],[3,null]]}");

  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          "\"",
          ":",
          ",",
          "null",
          "true",
          "-0",
          "1e999",
          "1e-999",
          "NaN",
          "99999999999999999999",
          "\\u0000",
          "\\ud800",
          "\\udc00\\ud800",
          "\ufeff",
          "\u2028",
          "\ud83d\ude00",
          "\"max_tokens\":",
          "\"n\":64,",
          "\"prompt\":\"\",",
          "\"logit_bias\":{},",
          "\r\n",
          "\0",
          "\u00ff",
          "Transfer-Encoding: chunked\r\n",
          "Content-Length: 5\r\n",
          "../");

  private final Random random = new Random(SEED);

  private String any(List<String> some) {
    return some.get(random.nextInt(some.size()));
  }

  private byte[] request() {
    byte[] body = damaged(any(BODIES)).getBytes(StandardCharsets.UTF_8);
    damage(body);
    boolean chunked = random.nextInt(8) == 0;
    StringBuilder head = new StringBuilder();
    head.append(
        random.nextInt(5) == 0 ? any(List.of("GET", "PUT", "HEAD", "", "post", "A B")) : "POST");
    head.append(' ')
        .append(any(PATHS))
        .append(any(List.of(" HTTP/1.1", " HTTP/1.1", " HTTP/1.0", "", " X")));
    head.append("\r\n")
        .append(any(List.of("Host: localhost\r\n", "Host: localhost\r\n", "", "Host: x\r\n")));
    head.append(
        any(
            List.of(
                "Content-Type: application/json\r\n", "Content-Type: application/json\r\n", "")));
    if (chunked) {
      head.append("Transfer-Encoding: chunked\r\n");
    } else {
      int lie = random.nextInt(6) == 0 ? random.nextInt(40) - 20 : 0;
      head.append("Content-Length: ").append(body.length + lie).append("\r\n");
    }
    String lines = random.nextInt(4) == 0 ? damaged(head.toString()) : head.toString();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(lines.getBytes(StandardCharsets.UTF_8));
    all.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    if (chunked) {
      String size = random.nextInt(6) == 0 ? "zz" : Integer.toHexString(body.length);
      all.writeBytes((size + "\r\n").getBytes(StandardCharsets.US_ASCII));
      all.writeBytes(body);
      all.writeBytes("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    } else {
      all.writeBytes(body);
    }
    byte[] whole = all.toByteArray();
    if (random.nextInt(10) == 0) {
      damage(whole);
    }
    int end = random.nextInt(10) == 0 ? random.nextInt(whole.length + 1) : whole.length;
    return Arrays.copyOf(whole, end);
  }

  /** Takes out, puts in and doubles pieces of a text. */
  private String damaged(String text) {
    StringBuilder some = new StringBuilder(text);
    for (int i = random.nextInt(4); i > 0; i--) {
      int from = random.nextInt(some.length() + 1);
      int to = Math.min(some.length(), from + random.nextInt(12));
      switch (random.nextInt(3)) {
        case 0 -> some.delete(from, to);
        case 1 -> some.insert(from, any(PIECES));
        default -> some.insert(from, some.substring(from, to).repeat(random.nextInt(3)));
      }
    }
    return some.toString();
  }

  private void damage(byte[] bytes) {
    if (random.nextInt(3) == 0 && bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
  }

  @Test
  void no_request_is_a_fault_of_the_server_and_none_leaves_anything_behind() throws Exception {
    for (String model :
        List.of("lm-char", "lm-word", "classify-text", "tag-crf", "forecast-series")) {
      Path folder = Served.MODELS.resolve(model);
      try (Served served = new Served(folder)) {
        Set<String> before = threads();
        for (int i = 0; i < Math.max(1, COUNT / 5); i++) {
          send(served, i);
        }
        requireNothingLeft(served, before);
      }
    }
  }

  private void send(Served served, int i) throws IOException {
    byte[] request = request();
    String shown = new String(request, StandardCharsets.ISO_8859_1);
    String answer = Raw.ask(served, request);
    assertThat(answer)
        .as("seed %s, request %s:%n%s", SEED, i, shown)
        .doesNotStartWith("HTTP/1.1 500")
        .doesNotStartWith("HTTP/1.1 503")
        .doesNotContain("\tat ", "\"server_error\"");
    if (!answer.contains("<h1>400 Bad Request</h1>")) {
      // The JDK's own words for lines that are no HTTP.
      assertThat(answer).doesNotContain("Exception");
    }
    if (answer.startsWith("HTTP/1.1 ")) {
      assertThat(answer.substring(9, 12)).matches("[1245]\\d\\d");
    }
  }

  private static void requireNothingLeft(Served served, Set<String> before) throws Exception {
    Metrics metrics = served.server.metrics();
    // What has been cut off ends by itself; the test's own limit tells if it does not.
    while (metrics.openRequests() > 0 || metrics.openSessions() > 0) {
      Thread.sleep(10);
    }
    assertThat(metrics.text()).contains("unroll_faults_total 0\n");
    assertThat(served.get("/healthz").statusCode()).isEqualTo(200);
    Set<String> left = threads();
    left.removeAll(before);
    left.removeIf(name -> name.startsWith("unroll-http-") || name.startsWith("HttpClient-"));
    assertThat(left).isEmpty();
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
