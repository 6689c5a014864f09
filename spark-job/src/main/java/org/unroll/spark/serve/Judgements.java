// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.spark.report.Json;
import org.unroll.spark.task.LanguageModel.PromptCodec;

/** How probable the tokens of a choice were, in the form of OpenAI's {@code logprobs}. */
final class Judgements {
  private final PromptCodec codec;
  private final TextSession session;
  private final int alternatives;

  /** The tokens of the prompt that are told, with what is judged of them. */
  private final List<String> prompt;

  private final int judgedPrompt;
  private boolean promptTold;
  private int told;
  private int offset;

  Judgements(
      PromptCodec codec, TextSession session, boolean echo, int alternatives, List<String> prompt) {
    this.codec = codec;
    this.session = session;
    this.alternatives = alternatives;
    this.prompt = echo ? prompt : List.of();
    judgedPrompt = echo ? session.task().prompt().length - 1 : 0;
    promptTold = !echo;
  }

  /**
   * Returns what was not told yet.
   *
   * @param written tokens that were taken
   */
  Map<String, Object> upTo(int written) {
    List<String> tokens = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    List<Map<String, Double>> best = new ArrayList<>();
    List<Integer> offsets = new ArrayList<>();
    for (int i = 0; !promptTold && i < prompt.size(); i++) {
      // Nothing is before the first, so that nothing says how probable it was.
      add(tokens, theirs, best, offsets, prompt.get(i), i == 0 ? null : session.judgement(i - 1));
    }
    promptTold = true;
    for (; told < written; told++) {
      String token = codec.vocabulary().token(session.token(told));
      add(tokens, theirs, best, offsets, token, session.judgement(judgedPrompt + told));
    }
    return Json.fields(
        "tokens",
        tokens,
        "token_logprobs",
        theirs,
        "top_logprobs",
        alternatives == 0 ? null : best,
        "text_offset",
        offsets);
  }

  private void add(
      List<String> tokens,
      List<Double> theirs,
      List<Map<String, Double>> best,
      List<Integer> offsets,
      String token,
      TextSession.Judgement judgement) {
    String name = name(token);
    tokens.add(name);
    offsets.add(offset);
    offset += name.length();
    theirs.add(judgement == null ? null : judgement.logProbability());
    Map<String, Double> alternative = judgement == null ? null : new LinkedHashMap<>();
    for (int i = 0; judgement != null && i < judgement.best().length; i++) {
      alternative.put(name(codec.vocabulary().token(judgement.best()[i])), judgement.theirs()[i]);
    }
    best.add(alternative);
  }

  /** Returns a token as text; one that is no whole character, by its bytes. */
  private String name(String token) {
    String text = codec.tokenizer().join(List.of(token));
    if (codec.tokenizer() instanceof BpeTokenizer && text.indexOf('\ufffd') >= 0) {
      StringBuilder bytes = new StringBuilder("bytes:");
      for (byte b : BpeTokenizer.bytesOf(token)) {
        bytes.append("\\x%02x".formatted(b & 0xff));
      }
      return bytes.toString();
    }
    return text;
  }
}
