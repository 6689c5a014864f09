// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.rows.TextSplitter.Unit;

/**
 * A text codec makes the tokens of one side of a task that writes: of a text its ids, and of what a
 * network wrote a text.
 *
 * @param splitter what a token is
 * @param vocabulary of the tokens, with {@link Vocabulary#UNK}, and of what is written with {@link
 *     Vocabulary#EOS}, which ends it
 * @param pairs of a vocabulary of byte pairs; otherwise null
 */
public record TextCodec(TextSplitter splitter, Vocabulary vocabulary, Tokenizer pairs)
    implements Serializable {
  /** Stands before a text in byte pairs, so that its first word is cut as it is further on. */
  static final String BEFORE = " ";

  /**
   * Returns the codec of tokens.
   *
   * @throws IllegalArgumentException if they are to be byte pairs and are none
   */
  public static TextCodec of(TextSplitter splitter, Vocabulary vocabulary) {
    boolean bytes = splitter.unit() == Unit.BYTE_PAIRS;
    return new TextCodec(
        splitter, vocabulary, bytes ? Tokenizer.of(BpeTokenizer.NAME, vocabulary) : null);
  }

  /** Returns the tokens of a text. */
  public List<String> tokens(String text) {
    if (pairs == null) {
      return splitter.split(text);
    }
    List<String> tokens = new ArrayList<>();
    pairs.tokenize(BEFORE + text, tokens::add);
    return tokens;
  }

  /** Returns E, the id of what ends a text. */
  public int end() {
    return vocabulary.id(Vocabulary.EOS);
  }

  /** Returns the ids of a text, and behind them that of its end. */
  public int[] ids(String text) {
    List<String> tokens = tokens(text);
    int[] ids = new int[tokens.size() + 1];
    for (int t = 0; t < tokens.size(); t++) {
      String token = tokens.get(t);
      // What a user wrote like the end is none.
      ids[t] = vocabulary.id(token.equals(Vocabulary.EOS) ? Vocabulary.UNK : token);
    }
    ids[tokens.size()] = end();
    return ids;
  }

  /**
   * Returns a text as answers are compared with it: with small letters where there are no others.
   */
  public String reference(String text) {
    return splitter.cased(text);
  }

  /** Returns the text that some ids, without that of an end, stand for. */
  public String text(int... ids) {
    return text(IntStream.of(ids).mapToObj(vocabulary::token).toList());
  }

  /** Returns the text that some tokens make; that of byte pairs is the one that was cut. */
  public String text(List<String> tokens) {
    if (pairs == null) {
      return splitter.join(tokens);
    }
    StringBuilder text = new StringBuilder();
    int from = 0;
    for (int t = 0; t <= tokens.size(); t++) {
      boolean special = t < tokens.size() && Vocabulary.SPECIALS.contains(tokens.get(t));
      if (special || t == tokens.size()) {
        text.append(pairs.join(tokens.subList(from, t)));
        text.append(special ? tokens.get(t) : "");
        from = t + 1;
      }
    }
    boolean begun = text.indexOf(BEFORE) == 0;
    return begun ? text.substring(BEFORE.length()) : text.toString();
  }

  /** Returns the names that people see of some tokens, in which white space is visible. */
  public List<String> names(int... ids) {
    return IntStream.of(ids).mapToObj(vocabulary::token).map(this::name).toList();
  }

  private String name(String token) {
    boolean bytes = pairs != null && !Vocabulary.SPECIALS.contains(token);
    String name = bytes ? pairs.join(List.of(token)) : token;
    return name.replace(' ', '\u2423').replace('\n', '\u23ce').replace('\t', '\u21e5');
  }

  /** Returns how many of some ids stand for tokens that are not known. */
  public long unknown(int... ids) {
    int unknown = vocabulary.id(Vocabulary.UNK);
    return Arrays.stream(ids).filter(id -> id == unknown).count();
  }
}
