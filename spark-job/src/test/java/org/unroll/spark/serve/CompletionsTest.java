// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.unroll.rnn.network.Sampling;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.TaskModel;

@Timeout(600)
class CompletionsTest {
  private static Served characters;
  private static LanguageModel.Writer writer;

  @BeforeAll
  static void start() {
    characters = new Served(Served.MODELS.resolve("lm-char"));
    writer = writer("lm-char");
  }

  @AfterAll
  static void stop() {
    characters.close();
  }

  /** What {@code generate} writes with. */
  private static LanguageModel.Writer writer(String model) {
    return LanguageModel.Writer.of(
        TaskModel.of(ModelStore.read(Served.MODELS.resolve(model).toString())));
  }

  private static String text(JsonNode answer) {
    return answer.get("choices").get(0).get("text").textValue();
  }

  @Test
  void a_text_is_what_generate_writes_whole_and_as_a_stream() {
    for (long seed = 0; seed < 5; seed++) {
      String expected = writer.text("the ", 60, new Sampling(0.8, 0, 1, seed));
      ObjectNode request = Served.completion("the ", 60, seed);
      JsonNode answer = characters.complete(request);
      assertThat("the " + text(answer)).isEqualTo(expected);
      assertThat(answer.get("object").textValue()).isEqualTo("text_completion");
      assertThat(answer.get("choices").get(0).get("finish_reason").textValue()).isEqualTo("length");
      assertThat(answer.get("usage").toString())
          .isEqualTo("{\"prompt_tokens\":4,\"completion_tokens\":60,\"total_tokens\":64}");
      List<JsonNode> events = characters.stream(request);
      assertThat("the " + Served.text(events, 0)).isEqualTo(expected);
      JsonNode last = events.get(events.size() - 1).get("choices").get(0);
      assertThat(last.get("finish_reason").textValue()).isEqualTo("length");
    }
  }

  @Test
  void fifty_at_once_are_each_what_it_is_alone() {
    ExecutorService clients = Executors.newFixedThreadPool(50);
    try {
      List<CompletableFuture<String>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        ObjectNode request = request(i);
        boolean stream = i % 2 == 0;
        answers.add(
            CompletableFuture.supplyAsync(
                () ->
                    stream
                        ? Served.text(characters.stream(request), 0)
                        : text(characters.complete(request)),
                clients));
      }
      for (int i = 0; i < answers.size(); i++) {
        ObjectNode request = request(i);
        String prompt = request.get("prompt").textValue();
        Sampling sampling =
            new Sampling(
                request.get("temperature").doubleValue(),
                request.get("top_k").intValue(),
                request.get("top_p").doubleValue(),
                i);
        String expected = writer.text(prompt, request.get("max_tokens").intValue(), sampling);
        String begun = prompt.isEmpty() ? "" : prompt;
        assertThat(begun + answers.get(i).join()).as("request %s", i).isEqualTo(expected);
      }
    } finally {
      clients.shutdownNow();
    }
  }

  /** A request of its own kind for each number. */
  private static ObjectNode request(int i) {
    return Served.completion(
            "the sea and the ".repeat(i % 9).substring(0, i % 9 * 5), 1 + i * 7 % 90, i)
        .put("temperature", i % 5 * 0.3)
        .put("top_k", i % 4 * 3)
        .put("top_p", i % 3 == 0 ? 0.9 : 1);
  }

  @Test
  void several_prompts_and_continuations_have_seeds_of_their_own() {
    ObjectNode request = Served.completion("", 20, 7).put("n", 3);
    request.putArray("prompt").add("the ").add("a");
    JsonNode choices = characters.complete(request).get("choices");
    List<JsonNode> events = characters.stream(request);
    assertThat(choices).hasSize(6);
    for (int i = 0; i < 6; i++) {
      String prompt = i < 3 ? "the " : "a";
      String expected = writer.text(prompt, 20, new Sampling(0.8, 0, 1, 7 + i % 3));
      assertThat(choices.get(i).get("index").intValue()).isEqualTo(i);
      assertThat(prompt + choices.get(i).get("text").textValue()).isEqualTo(expected);
      assertThat(prompt + Served.text(events, i)).isEqualTo(expected);
    }
  }

  @Test
  void a_stop_string_ends_the_text_before_it_wherever_its_tokens_lie() {
    String whole = writer.text("the ", 80, new Sampling(0.8, 0, 1, 3)).substring(4);
    for (int at : new int[] {1, 10, 37}) {
      String stop = whole.substring(at, at + 4);
      String expected = whole.substring(0, whole.indexOf(stop));
      ObjectNode request = Served.completion("the ", 80, 3);
      request.putArray("stop").add("never to be found \u00e9").add(stop);
      JsonNode choice = characters.complete(request).get("choices").get(0);
      assertThat(choice.get("text").textValue()).isEqualTo(expected);
      assertThat(choice.get("finish_reason").textValue()).isEqualTo("stop");
      List<JsonNode> events = characters.stream(request);
      assertThat(Served.text(events, 0)).isEqualTo(expected);
      JsonNode last = events.get(events.size() - 1).get("choices").get(0);
      assertThat(last.get("finish_reason").textValue()).isEqualTo("stop");
    }
  }

  @Test
  void probabilities_are_told_of_what_was_written_and_of_an_echoed_prompt() {
    ObjectNode request = Served.completion("the sea", 5, 2).put("logprobs", 3).put("echo", true);
    JsonNode choice = characters.complete(request).get("choices").get(0);
    JsonNode told = choice.get("logprobs");
    assertThat(choice.get("text").textValue())
        .isEqualTo(writer.text("the sea", 5, new Sampling(0.8, 0, 1, 2)));
    StringBuilder joined = new StringBuilder();
    told.get("tokens").forEach(token -> joined.append(token.textValue()));
    assertThat(joined.toString()).isEqualTo(choice.get("text").textValue());
    assertThat(told.get("token_logprobs").get(0).isNull()).isTrue();
    for (int i = 1; i < 12; i++) {
      JsonNode best = told.get("top_logprobs").get(i);
      assertThat(best).hasSize(3);
      double first = best.elements().next().doubleValue();
      assertThat(told.get("token_logprobs").get(i).doubleValue()).isLessThanOrEqualTo(first);
      assertThat(told.get("text_offset").get(i).intValue()).isEqualTo(i);
    }
    // What a prompt is worth does not depend on what is written behind it.
    ObjectNode scored = request.deepCopy().put("max_tokens", 0);
    JsonNode alone = characters.complete(scored).get("choices").get(0).get("logprobs");
    assertThat(alone.get("tokens")).hasSize(7);
    for (int i = 1; i < 7; i++) {
      assertThat(alone.get("token_logprobs").get(i)).isEqualTo(told.get("token_logprobs").get(i));
    }
    double sum =
        IntStream.range(1, 7)
            .mapToDouble(i -> alone.get("token_logprobs").get(i).doubleValue())
            .sum();
    double loss = characters.ask("/predict", "{\"text\":\"the sea\"}").get("loss").doubleValue();
    assertThat(Double.isFinite(loss)).isTrue();
    assertThat(-sum / 6).isCloseTo(loss, within(3.0));
  }

  @Test
  void a_stream_tells_each_probability_once() {
    ObjectNode request = Served.completion("the ", 30, 2).put("logprobs", 1).put("echo", true);
    List<JsonNode> events = characters.stream(request);
    List<String> tokens = new ArrayList<>();
    for (JsonNode event : events) {
      event
          .get("choices")
          .get(0)
          .get("logprobs")
          .get("tokens")
          .forEach(t -> tokens.add(t.textValue()));
    }
    assertThat(String.join("", tokens)).isEqualTo(Served.text(events, 0));
    assertThat(tokens).hasSize(34);
  }

  @Test
  void usage_ends_a_stream_that_asks_for_it() {
    ObjectNode request = Served.completion("the ", 8, 2);
    request.putObject("stream_options").put("include_usage", true);
    List<JsonNode> events = characters.stream(request);
    JsonNode last = events.get(events.size() - 1);
    assertThat(last.get("choices")).isEmpty();
    assertThat(last.get("usage").get("total_tokens").intValue()).isEqualTo(12);
  }

  @Test
  void words_go_on_behind_a_blank_as_behind_none() {
    try (Served words = new Served(Served.MODELS.resolve("lm-word"))) {
      String expected = writer("lm-word").text("the sea", 12, new Sampling(0.8, 0, 1, 4));
      assertThat("the sea" + text(words.complete(Served.completion("the sea", 12, 4))))
          .isEqualTo(expected);
      assertThat("the sea " + text(words.complete(Served.completion("the sea ", 12, 4))))
          .isEqualTo(expected);
    }
  }
}
