// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.unroll.rnn.io.InputException;

/**
 * Answers analogy questions by 3CosAdd (Mikolov et al. 2013, "Linguistic Regularities in Continuous
 * Space Word Representations"): the answer to "a is to b as c is to ?" is the word whose cosine
 * with {@code b - a + c}, all of length 1, is the largest, but for a, b and c. Questions with a
 * word that has no vector are left out and counted.
 */
public final class Analogies {
  private final WordVectors vectors;
  private final VectorSearch search;
  private final Map<String, Integer> ids = new HashMap<>();
  private final boolean caseSensitive;

  /** The words that may be answers: not those that differ from an earlier one in case alone. */
  private final boolean[] candidates;

  /**
   * Questions of the kind "a is to b as c is to which d?", in sections. The file format is that of
   * word2vec's {@code questions-words.txt}: a line {@code : name} begins a section, any other line
   * is the four words of a question.
   *
   * @param sections the questions of each with their answers, in the order of the file
   */
  public record Questions(Map<String, List<List<String>>> sections) {
    /**
     * Reads a file; the stream stays open.
     *
     * @param sourceName what messages call the file
     * @throws InputException if it is none, naming the line
     */
    public static Questions read(InputStream in, String sourceName) throws IOException {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
      Map<String, List<List<String>>> sections = new LinkedHashMap<>();
      List<List<String>> section = null;
      long number = 0;
      try {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          number++;
          String text = line.strip();
          if (text.startsWith(":")) {
            section = sections.computeIfAbsent(text.substring(1).strip(), s -> new ArrayList<>());
          } else if (!text.isEmpty()) {
            if (section == null) {
              section = sections.computeIfAbsent("all", s -> new ArrayList<>());
            }
            section.add(question(text, sourceName, number));
          }
        }
      } catch (CharacterCodingException e) {
        throw new InputException(
            sourceName + ": behind line " + number + " there is no valid UTF-8", e);
      }
      if (sections.values().stream().allMatch(List::isEmpty)) {
        throw new InputException(
            "%s has no question: a line has four words, as in 'Athens Greece Oslo Norway'"
                .formatted(sourceName));
      }
      return new Questions(sections);
    }

    private static List<String> question(String line, String sourceName, long number) {
      List<String> words = List.of(line.split("\\s+"));
      if (words.size() != 4) {
        throw new InputException(
            ("%s: line %s has %s words, but a question has four, as in 'Athens Greece Oslo"
                    + " Norway': '%s'")
                .formatted(sourceName, number, words.size(), VectorFile.some(line)));
      }
      return words;
    }
  }

  /**
   * The score of the questions of a section, or of all.
   *
   * @param questions in the file
   * @param asked those of which all four words have vectors
   * @param right those answered with the right word
   */
  public record Score(int questions, int asked, int right) {
    Score plus(Score other) {
      return new Score(questions + other.questions, asked + other.asked, right + other.right);
    }

    /** Returns the share of right answers; NaN if nothing was asked. */
    public double accuracy() {
      return (double) right / asked;
    }

    /** Returns the share of questions that could be asked. */
    public double coverage() {
      return (double) asked / questions;
    }
  }

  /** The scores of the sections, in the order of the file. */
  public record Result(Map<String, Score> sections) {
    /** Returns the score of all sections together. */
    public Score total() {
      return sections.values().stream().reduce(new Score(0, 0, 0), Score::plus);
    }
  }

  private record Asked(int[] words, String section) {}

  /**
   * Makes ready to put questions to some vectors.
   *
   * @param restrict only the first so many words have vectors and may be answers; 0 for all
   * @param caseSensitive whether {@code Athens} and {@code athens} are two words; if not, the first
   *     of the vocabulary stands for both
   */
  public Analogies(WordVectors vectors, int restrict, boolean caseSensitive) {
    int words = restrict == 0 ? vectors.words() : Math.min(restrict, vectors.words());
    this.vectors = vectors;
    this.caseSensitive = caseSensitive;
    search = new VectorSearch(vectors, words);
    candidates = new boolean[words];
    for (int w = 0; w < words; w++) {
      candidates[w] = ids.putIfAbsent(folded(vectors.vocabulary().token(w)), w) == null;
    }
  }

  private String folded(String word) {
    return caseSensitive ? word : word.toLowerCase(Locale.ROOT);
  }

  /** Asks all questions, and returns the scores. */
  public Result score(Questions questions) {
    Map<String, Score> scores = new LinkedHashMap<>();
    List<Asked> all = new ArrayList<>();
    questions
        .sections()
        .forEach(
            (section, list) -> {
              scores.put(section, new Score(list.size(), 0, 0));
              list.stream()
                  .map(this::ids)
                  .filter(Objects::nonNull)
                  .forEach(words -> all.add(new Asked(words, section)));
            });
    for (int from = 0; from < all.size(); from += VectorSearch.BATCH) {
      ask(all.subList(from, Math.min(all.size(), from + VectorSearch.BATCH)), scores);
    }
    return new Result(scores);
  }

  private int[] ids(List<String> question) {
    int[] found = new int[question.size()];
    for (int i = 0; i < found.length; i++) {
      Integer id = ids.get(folded(question.get(i)));
      if (id == null) {
        return null;
      }
      found[i] = id;
    }
    return found;
  }

  /**
   * Returns the first pairs of words that questions are made of and that have vectors, as the
   * vocabulary spells them: a with b, and c with d, each pair once.
   */
  public List<List<String>> pairs(List<List<String>> questions, int most) {
    Set<List<String>> pairs = new LinkedHashSet<>();
    for (List<String> question : questions) {
      int[] found = ids(question);
      if (found != null && pairs.size() < most) {
        pairs.add(List.of(token(found[0]), token(found[1])));
        pairs.add(List.of(token(found[2]), token(found[3])));
      }
    }
    return pairs.stream().limit(most).toList();
  }

  private String token(int word) {
    return vectors.vocabulary().token(word);
  }

  private void ask(List<Asked> batch, Map<String, Score> scores) {
    search.clear();
    float[] signs = {-1, 1, 1};
    for (Asked asked : batch) {
      search.query(asked.words(), signs);
    }
    search.run();
    for (int q = 0; q < batch.size(); q++) {
      Asked asked = batch.get(q);
      boolean right = answer(q, asked.words()) == asked.words()[3];
      scores.merge(asked.section(), new Score(0, 1, right ? 1 : 0), Score::plus);
    }
  }

  private int answer(int query, int[] given) {
    int best = -1;
    for (int w = 0; w < candidates.length; w++) {
      boolean isGiven = w == given[0] || w == given[1] || w == given[2];
      if (candidates[w]
          && !isGiven
          && (best < 0 || search.product(query, w) > search.product(query, best))) {
        best = w;
      }
    }
    return best;
  }
}
