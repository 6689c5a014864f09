// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.unroll.rnn.math.Checks;

/**
 * A generator continues a text with a language model, token by token, on one thread at a time.
 *
 * @param pass of this network, with its parameters
 */
public record Generator(Pass pass, Network network) {

  /**
   * Reads the prompt from the model's initial state on and continues it. The random number of a
   * token depends on the seed and the token's position in the whole text alone, so a text that is
   * cut and given as the prompt continues in the same way.
   *
   * @param prompt one token or more
   * @param length the most tokens to add
   * @param sink takes each new token and says whether to go on
   * @throws IllegalArgumentException if the prompt is empty or has an id that is not in the
   *     vocabulary
   * @throws IllegalStateException if the model gives no distribution, as after a training that
   *     diverged
   */
  public void generate(int[] prompt, int length, Sampling sampling, IntPredicate sink) {
    float[] state = new float[network.stateSize(1)];
    pass.initialState(state, 1);
    int[] input = new int[1];
    float[] logits = new float[network.spec().head().scores()];
    IntFunction<float[]> step =
        token -> {
          input[0] = token;
          pass.step(input, 1, state, logits);
          return logits;
        };
    generate(step, logits.length, prompt, length, sampling, sink);
  }

  /**
   * Continues a prompt with any model.
   *
   * @param step takes the next token of the text and gives the logits of the one behind it
   */
  static void generate(
      IntFunction<float[]> step,
      int vocabulary,
      int[] prompt,
      int length,
      Sampling sampling,
      IntPredicate sink) {
    Checks.notNegative("length", length);
    require(prompt, vocabulary);
    if (length == 0) {
      return;
    }
    float[] logits = null;
    for (int token : prompt) {
      logits = step.apply(token);
    }
    Sampling.Sampler sampler = new Sampling.Sampler(sampling, vocabulary);
    for (int i = 0; i < length; i++) {
      int token = sampler.next(logits, (long) prompt.length + i);
      if (!sink.test(token)) {
        return;
      }
      if (i < length - 1) {
        logits = step.apply(token);
      }
    }
  }

  /** Refuses a prompt that is empty or has an id that is not in the vocabulary. */
  static void require(int[] prompt, int vocabulary) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("a prompt needs at least one token");
    }
    for (int token : prompt) {
      if (token < 0 || token >= vocabulary) {
        throw new IllegalArgumentException(
            "the prompt has token %d, but the vocabulary is [0, %d)".formatted(token, vocabulary));
      }
    }
  }
}
