// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.util.List;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.spark.task.LanguageModel.PromptCodec;

/**
 * A continuation makes text of the tokens that follow a prompt, as they come. Text that may be the
 * beginning of a stop string waits until it is known whether it is; the stop string itself, and all
 * behind it, is never told.
 */
final class Continuation {
  private final PromptCodec codec;
  private final Tokenizer.Joiner joiner;
  private final List<String> stops;
  private final StringBuilder waiting = new StringBuilder();

  /** Whether a blank that begins the text stands in the prompt already. */
  private boolean blankIsThere;

  private boolean stopped;

  /**
   * Begins behind a prompt.
   *
   * @param tokens of the prompt
   * @param stops texts that end the continuation; none is empty
   */
  Continuation(PromptCodec codec, String prompt, List<String> tokens, List<String> stops) {
    this.codec = codec;
    this.stops = stops;
    joiner = codec.tokenizer().joiner();
    tokens.forEach(joiner::add);
    int last = prompt.length() - 1;
    blankIsThere =
        codec.tokenizer().endsLines() && last >= 0 && Character.isWhitespace(prompt.charAt(last));
  }

  /** Takes a token and returns the text that may be told now. */
  String add(int token) {
    return tell(joiner.add(codec.vocabulary().token(token)), false);
  }

  /** Returns the rest of the text, behind which no token comes. */
  String end() {
    return stopped ? "" : tell(joiner.end(), true);
  }

  /** Returns whether a stop string has come. */
  boolean isStopped() {
    return stopped;
  }

  private String tell(String text, boolean all) {
    if (!text.isEmpty()) {
      waiting.append(blankIsThere && text.startsWith(" ") ? text.substring(1) : text);
      blankIsThere = false;
    }
    int stop = firstStop();
    stopped = stop >= 0;
    int end = stopped ? stop : all ? waiting.length() : waiting.length() - undecided();
    String told = waiting.substring(0, end);
    waiting.delete(0, stopped ? waiting.length() : end);
    return told;
  }

  private int firstStop() {
    int first = -1;
    for (String stop : stops) {
      int at = waiting.indexOf(stop);
      first = at >= 0 && (first < 0 || at < first) ? at : first;
    }
    return first;
  }

  /** Returns how many characters at the end may be the beginning of a stop string. */
  private int undecided() {
    int most = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, waiting.length()); n > most; n--) {
        if (waiting.indexOf(stop.substring(0, n), waiting.length() - n) >= 0) {
          most = n;
        }
      }
    }
    return most;
  }
}
