// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.network.Generator;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.Sampling;
import org.unroll.spark.store.SavedModel;

/** Writes text with a language model: a {@link Generator} with the vocabulary around it. */
public final class TextGenerator {
  private final Generator generator;
  private final Vocabulary vocabulary;
  private final Tokenizer tokenizer;

  /** Makes the generator of a network with these parameters, for text in tokens of a unit. */
  TextGenerator(Network network, float[] params, Vocabulary vocabulary, String unit) {
    Pass pass = new Pass(network);
    pass.load(params);
    generator = new Generator(pass, network);
    this.vocabulary = vocabulary;
    tokenizer = Tokenizer.of(unit, vocabulary);
  }

  /** Makes the generator of a language model that was read. */
  public static TextGenerator of(TaskModel model) {
    Vocabulary vocabulary = model.encoder().vocabularies().get(0);
    SavedModel saved = model.saved();
    return new TextGenerator(saved.network(), saved.params(), vocabulary, model.unit());
  }

  /** Returns what of a prompt the model has never seen, each once. */
  public List<String> unknown(String prompt) {
    Set<String> unknown = new LinkedHashSet<>(tokens(prompt));
    unknown.removeIf(vocabulary::contains);
    return List.copyOf(unknown);
  }

  /**
   * Continues a prompt; without one, begins a line. What the model does not know it reads as {@link
   * Vocabulary#UNK}.
   *
   * @return the prompt with what follows
   * @throws IllegalArgumentException if the model does not know something of the prompt and has no
   *     such symbol
   */
  public String text(String prompt, int length, Sampling sampling) {
    List<String> tokens = tokens(prompt);
    int[] ids =
        tokens.isEmpty()
            ? new int[] {lineStart()}
            : tokens.stream().mapToInt(vocabulary::id).toArray();
    generator.generate(ids, length, sampling, id -> tokens.add(vocabulary.token(id)));
    return tokenizer.join(tokens);
  }

  /**
   * Returns the tokens of a prompt, which goes on where it ends: no line ends behind it by itself.
   */
  private List<String> tokens(String prompt) {
    if (!prompt.endsWith("\n")) {
      return LanguageModel.tokens(tokenizer, prompt);
    }
    List<String> tokens = new ArrayList<>();
    tokenizer.tokenize(prompt, tokens::add);
    return tokens;
  }

  /**
   * Returns what stands before a line: the end of another, where the vocabulary has such; else its
   * most frequent token.
   */
  private int lineStart() {
    String end = LanguageModel.lineEnd(vocabulary);
    if (end != null) {
      return vocabulary.id(end);
    }
    int best = 0;
    for (int id = 1; id < vocabulary.size(); id++) {
      best = vocabulary.count(id) > vocabulary.count(best) ? id : best;
    }
    return best;
  }
}
