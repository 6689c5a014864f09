// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;

/**
 * Questions of the kind "a is to b as c is to which d?", in sections. The file format is that of
 * word2vec's {@code questions-words.txt}: a line {@code : name} begins a section, any other line is
 * the four words of a question.
 *
 * @param sections the questions of each, in the order of the file
 */
public record AnalogyQuestions(Map<String, List<Question>> sections) {

  /** One question with its answer d. */
  public record Question(String a, String b, String c, String d) {}

  /**
   * Reads a file; the stream stays open.
   *
   * @param sourceName what messages call the file
   * @throws InputException if it is none, naming the line
   */
  public static AnalogyQuestions read(InputStream in, String sourceName) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
    Map<String, List<Question>> sections = new LinkedHashMap<>();
    List<Question> section = null;
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
    return new AnalogyQuestions(sections);
  }

  private static Question question(String line, String sourceName, long number) {
    String[] words = line.split("\\s+");
    if (words.length != 4) {
      throw new InputException(
          ("%s: line %s has %s words, but a question has four, as in 'Athens Greece Oslo"
                  + " Norway': '%s'")
              .formatted(sourceName, number, words.length, VectorFile.some(line)));
    }
    return new Question(words[0], words[1], words[2], words[3]);
  }

  /** Returns the number of all questions. */
  public int count() {
    return sections.values().stream().mapToInt(List::size).sum();
  }
}
