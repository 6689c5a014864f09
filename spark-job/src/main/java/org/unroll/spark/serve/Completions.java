// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.spark.report.Json;
import org.unroll.spark.task.LanguageModel.PromptCodec;

/** Answers {@code /v1/completions}: whole, or as a stream of what is written. */
final class Completions {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String STOP = "stop";
  private static final String LENGTH = "length";

  private final ServedModel model;
  private final PromptCodec codec;
  private final Limits limits;
  private final Metrics metrics;

  Completions(ServedModel model, Limits limits, Metrics metrics) {
    this.model = model;
    this.limits = limits;
    this.metrics = metrics;
    codec = model.codec();
  }

  /** What becomes of one of the texts that are asked for. */
  private final class Choice {
    private final int index;
    private final String prompt;
    private final List<String> promptTokens;
    private final TextSession session;
    private final Continuation continuation;
    private final Judgements judgements;
    private int seen;
    private String finish;

    Choice(
        CompletionRequest request, int index, String prompt, List<String> tokens, TextSession own) {
      this.index = index;
      this.prompt = request.echo() ? prompt : "";
      promptTokens = tokens;
      session = own;
      continuation = new Continuation(codec, prompt, tokens, request.stops());
      judgements =
          request.logprobs() < 0
              ? null
              : new Judgements(codec, own, request.echo(), request.logprobs(), tokens);
    }

    /** Takes what has been written since; returns the text that may be told now. */
    String take() {
      StringBuilder text = new StringBuilder();
      boolean over = session.isOver();
      for (int end = session.written(); seen < end && finish == null; seen++) {
        text.append(continuation.add(session.token(seen)));
        finish = continuation.isStopped() ? STOP : null;
      }
      if (over && finish == null) {
        text.append(continuation.end());
        finish = continuation.isStopped() ? STOP : LENGTH;
      }
      if (finish != null) {
        session.close();
      }
      return text.toString();
    }

    Map<String, Object> fields(String text) {
      return Json.fields(
          "text",
          text,
          "index",
          index,
          "logprobs",
          judgements == null ? null : judgements.upTo(seen),
          "finish_reason",
          finish);
    }
  }

  /**
   * Answers a request.
   *
   * @throws ApiException if it cannot be answered
   * @throws IOException if the client has gone
   */
  void answer(Call call, CompletionRequest request) throws IOException {
    long anySeed = model.anySeed();
    List<TextSession.Task> tasks = new ArrayList<>();
    List<List<String>> tokens = new ArrayList<>();
    for (String prompt : request.prompts()) {
      List<String> own = codec.tokens(prompt);
      requireKnown(prompt, own);
      tokens.add(own);
      tasks.addAll(request.tasks(codec.ids(own), anySeed));
    }
    if (tasks.size() > limits.sessions()) {
      throw ApiException.invalid(
          "n",
          "%s texts are more than the %s that this server writes at a time."
              .formatted(tasks.size(), limits.sessions()));
    }
    List<TextSession> sessions = model.engine().open(tasks, PATIENCE);
    try {
      List<Choice> choices = new ArrayList<>();
      for (int i = 0; i < sessions.size(); i++) {
        int prompt = i / request.n();
        choices.add(
            new Choice(
                request, i, request.prompts().get(prompt), tokens.get(prompt), sessions.get(i)));
      }
      if (request.stream()) {
        stream(call, request, choices);
      } else {
        whole(call, request, choices);
      }
    } finally {
      sessions.forEach(TextSession::close);
    }
  }

  private void requireKnown(String prompt, List<String> tokens) {
    if (tokens.size() > limits.promptTokens()) {
      throw ApiException.invalid(
          "prompt",
          "The prompt has %s tokens, but may have %s."
              .formatted(tokens.size(), limits.promptTokens()));
    }
    List<String> unknown = codec.unknown(prompt);
    if (!unknown.isEmpty() && !codec.vocabulary().hasUnk()) {
      throw ApiException.invalid(
          "prompt",
          "The prompt has characters that the model has never seen: %s. Leave them out."
              .formatted(String.join(" ", unknown.subList(0, Math.min(10, unknown.size())))));
    }
  }

  private void whole(Call call, CompletionRequest request, List<Choice> choices)
      throws IOException {
    List<StringBuilder> texts = new ArrayList<>();
    choices.forEach(choice -> texts.add(new StringBuilder(choice.prompt)));
    boolean first = true;
    while (isOpen(choices)) {
      await(call, choices);
      for (int i = 0; i < texts.size(); i++) {
        texts.get(i).append(choices.get(i).take());
      }
      first = first(call, first);
    }
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      all.add(choices.get(i).fields(texts.get(i).toString()));
    }
    Map<String, Object> answer = head(id());
    answer.put("choices", all);
    answer.put("usage", usage(request, choices));
    call.answer(200, answer);
  }

  private void stream(Call call, CompletionRequest request, List<Choice> choices)
      throws IOException {
    String id = id();
    List<String> told = new ArrayList<>();
    choices.forEach(choice -> told.add(choice.prompt));
    boolean first = true;
    call.begin();
    while (isOpen(choices)) {
      await(call, choices);
      for (int i = 0; i < choices.size(); i++) {
        Choice choice = choices.get(i);
        if (choice.finish != null) {
          continue;
        }
        String text = told.set(i, "") + choice.take();
        if (!text.isEmpty() || choice.finish != null) {
          Map<String, Object> event = head(id);
          event.put("choices", List.of(choice.fields(text)));
          call.event(event);
        }
      }
      first = first(call, first);
      call.flush();
    }
    Map<String, Object> usage = usage(request, choices);
    if (request.usage()) {
      Map<String, Object> event = head(id);
      event.put("choices", List.of());
      event.put("usage", usage);
      call.event(event);
    }
    call.end();
  }

  private static boolean isOpen(List<Choice> choices) {
    return choices.stream().anyMatch(choice -> choice.finish == null);
  }

  private void await(Call call, List<Choice> choices) {
    List<Choice> open = choices.stream().filter(choice -> choice.finish == null).toList();
    List<TextSession> sessions = open.stream().map(choice -> choice.session).toList();
    int[] seen = open.stream().mapToInt(choice -> choice.seen).toArray();
    if (!TextSession.awaitAny(sessions, seen, call.deadline())) {
      throw ApiException.busy(
          "The answer took longer than the %s s that it may."
              .formatted(limits.request().toSeconds()));
    }
  }

  private boolean first(Call call, boolean first) {
    if (first) {
      metrics.firstToken(call.nanos());
    }
    return false;
  }

  private String id() {
    return "cmpl-" + Long.toHexString(model.anySeed());
  }

  private Map<String, Object> head(String id) {
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("id", id);
    head.put("object", "text_completion");
    head.put("created", System.currentTimeMillis() / 1000);
    head.put("model", model.id());
    head.put("system_fingerprint", model.fingerprint());
    return head;
  }

  private Map<String, Object> usage(CompletionRequest request, List<Choice> choices) {
    int read = 0;
    int written = 0;
    for (Choice choice : choices) {
      read += choice.index % request.n() == 0 ? choice.promptTokens.size() : 0;
      written += choice.seen;
    }
    metrics.tokens(read, written);
    return Json.fields(
        "prompt_tokens", read, "completion_tokens", written, "total_tokens", read + written);
  }
}
