// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.unroll.rnn.network.Sampling;

/**
 * A request of {@code /v1/completions}, with OpenAI's names and defaults.
 *
 * @param prompts texts to be continued
 * @param maxTokens the most tokens of each continuation
 * @param n continuations of each prompt: the seed of the second is one more than that of the first,
 *     and so on
 * @param stream whether text is sent as it is written
 * @param usage whether a stream ends with its number of tokens
 * @param stops texts that end a continuation, and are not told
 * @param seed of the first continuation of each prompt; null for any
 * @param logprobs how many probable tokens are told beside each; -1 for none and no probability
 * @param echo whether the prompt is told before its continuation
 */
record CompletionRequest(
    List<String> prompts,
    int maxTokens,
    int n,
    boolean stream,
    boolean usage,
    List<String> stops,
    Long seed,
    double temperature,
    double topP,
    int topK,
    int logprobs,
    boolean echo) {
  private static final int USUAL_TOKENS = 16;
  private static final int MOST_STOPS = 16;
  private static final int LONGEST_STOP = 1000;
  private static final int MOST_LOGPROBS = 20;
  private static final double HOTTEST = 100;

  /** The fields that mean something here. */
  private static final Set<String> FIELDS =
      Set.of(
          "model",
          "prompt",
          "max_tokens",
          "n",
          "stream",
          "stream_options",
          "stop",
          "seed",
          "temperature",
          "top_p",
          "top_k",
          "logprobs",
          "echo");

  /** OpenAI's other fields, which may be there with the value that changes nothing. */
  private static final Set<String> OTHERS =
      Set.of("user", "suffix", "best_of", "frequency_penalty", "presence_penalty", "logit_bias");

  /**
   * Reads a request.
   *
   * @throws ApiException if it is none, naming the field
   */
  static CompletionRequest of(ObjectNode json, Limits limits) {
    Fields fields = new Fields(json);
    fields.requireKnown(FIELDS, OTHERS);
    requireNoOthers(json, fields);
    int maxTokens = fields.integer("max_tokens", USUAL_TOKENS, 0, limits.maxTokens());
    int n = fields.integer("n", 1, 1, limits.choices());
    List<String> prompts = fields.texts("prompt", List.of(""), limits.choices());
    if ((long) prompts.size() * n > limits.choices()) {
      throw ApiException.invalid(
          "n",
          "%s prompts with %s continuations each are more than the %s texts that one request may ask for."
              .formatted(prompts.size(), n, limits.choices()));
    }
    boolean echo = fields.flag("echo", false);
    return new CompletionRequest(
        prompts,
        maxTokens,
        n,
        fields.flag("stream", false),
        json.path("stream_options").path("include_usage").asBoolean(false),
        stops(fields),
        fields.whole("seed"),
        fields.number("temperature", 1, 0, HOTTEST),
        topP(fields),
        fields.integer("top_k", 0, 0, Integer.MAX_VALUE),
        fields.integer("logprobs", -1, 0, MOST_LOGPROBS),
        echo);
  }

  private static void requireNoOthers(JsonNode json, Fields fields) {
    for (String name : List.of("frequency_penalty", "presence_penalty")) {
      fields.number(name, 0, 0, 0);
    }
    fields.integer("best_of", 1, 1, 1);
    for (String name : List.of("suffix", "logit_bias")) {
      JsonNode value = json.path(name);
      boolean nothing = value.isMissingNode() || value.isNull() || value.asText("").isEmpty();
      if (!nothing || value.isContainerNode() && !value.isEmpty()) {
        throw ApiException.invalid(name, "'%s' cannot be had here: leave it out.".formatted(name));
      }
    }
  }

  private static double topP(Fields fields) {
    double topP = fields.number("top_p", 1, 0, 1);
    if (topP == 0) {
      throw ApiException.invalid("top_p", "'top_p' must be above 0 and at most 1.");
    }
    return topP;
  }

  private static List<String> stops(Fields fields) {
    List<String> stops = fields.texts("stop", List.of(), MOST_STOPS);
    for (String stop : stops) {
      if (stop.isEmpty() || stop.length() > LONGEST_STOP) {
        throw ApiException.invalid(
            "stop", "A text of 'stop' must have 1 to %s characters.".formatted(LONGEST_STOP));
      }
    }
    return stops;
  }

  /** Returns how the tokens of a continuation are drawn. */
  Sampling sampling(int continuation, long anySeed) {
    return new Sampling(temperature, topK, topP, (seed == null ? anySeed : seed) + continuation);
  }

  /** Returns the sessions that write the continuations of a prompt. */
  List<TextSession.Task> tasks(int[] prompt, long anySeed) {
    List<TextSession.Task> tasks = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      boolean judgePrompt = echo && logprobs >= 0;
      tasks.add(
          new TextSession.Task(prompt, maxTokens, sampling(i, anySeed), logprobs, judgePrompt));
    }
    return tasks;
  }
}
