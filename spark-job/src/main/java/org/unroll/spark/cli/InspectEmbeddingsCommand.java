// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.VectorSearch;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.EmbeddingsPage;
import org.unroll.spark.report.EmbeddingsPage.Neighbour;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.WordMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that shows what a model's embedding has learnt of its tokens. */
@Command(
    name = "embeddings",
    description =
        "Shows the vectors that a model, or embed, has learnt for its tokens: a map of them, their"
            + " neighbours, and analogies.")
final class InspectEmbeddingsCommand extends InspectCommand {
  private static final float[] ANALOGY = {-1, 1, 1};

  @Mixin ModelOption.Vectors vectors;

  @Option(
      names = "--words",
      split = ",",
      paramLabel = "WORDS",
      description = "Words whose neighbours are shown (default: the most frequent ones).")
  List<String> words = new ArrayList<>();

  @Option(names = "--top", paramLabel = "WORDS", description = "Neighbours of each word.")
  @Range(min = 1, max = 100)
  int top = 8;

  @Option(
      names = "--map-words",
      paramLabel = "WORDS",
      description = "The most frequent words, which the map has unless --words says which.")
  @Range(min = 2, max = 2000)
  @OptionRule(notWith = "--words", why = "both say which words the map has")
  int mapWords = 120;

  @Option(
      names = "--analogy",
      paramLabel = "A,B,C",
      description = "What is to C as B is to A, as in man,king,woman; repeatable (default: none).")
  List<String> analogies = new ArrayList<>();

  @Override
  Map<String, Object> run() {
    requirePage();
    WordVectors read = vectors.read();
    Vocabulary vocabulary = read.vocabulary();
    words.forEach(word -> vectors.requireKnown(word, vocabulary));
    VectorSearch search = new VectorSearch(read, read.words());
    List<String> frequent = frequent(vocabulary);
    List<String> asked = words.isEmpty() ? frequent : words;
    Map<String, List<Neighbour>> neighbours = new LinkedHashMap<>();
    WordMap map = new WordMap(read);
    for (String word : asked) {
      List<Neighbour> near = named(search.nearest(vocabulary.id(word), top), vocabulary);
      neighbours.put(word, near);
      if (words.isEmpty()) {
        map.add(word);
      } else {
        near.forEach(neighbour -> map.connect(word, neighbour.word()));
      }
    }
    Map<String, List<Neighbour>> answers = new LinkedHashMap<>();
    for (String analogy : analogies) {
      String[] three = analogy(analogy, vocabulary);
      int[] ids = {vocabulary.id(three[0]), vocabulary.id(three[1]), vocabulary.id(three[2])};
      answers.put(
          "%s : %s = %s : ?".formatted((Object[]) three),
          named(search.nearest(ids, ANALOGY, top), vocabulary));
    }
    Map<String, String> lines = new LinkedHashMap<>();
    answers.forEach((question, near) -> lines.put(question, words(near)));
    neighbours.entrySet().stream()
        .limit(words.isEmpty() ? top : words.size())
        .forEach(list -> lines.put(EmbeddingsPage.visible(list.getKey()), words(list.getValue())));
    result(ResultTable.text(lines));
    Map<String, Object> figures =
        Json.fields("words", read.words(), "size", read.size(), "neighbours", json(neighbours));
    figures.put("analogies", json(answers));
    String summary =
        "%s, each a vector of %s."
            .formatted(Figures.count(read.words(), "token"), Figures.count(read.size(), "number"));
    Map<String, List<Neighbour>> shown = new LinkedHashMap<>();
    neighbours.forEach((word, near) -> shown.put(EmbeddingsPage.visible(word), near));
    write(() -> EmbeddingsPage.of(vectors.model, summary, map, shown, answers), figures);
    return figures;
  }

  /** Returns the most frequent tokens that are no special symbols, the most frequent first. */
  private List<String> frequent(Vocabulary vocabulary) {
    return IntStream.range(0, vocabulary.size())
        .boxed()
        .sorted(Comparator.comparingLong(id -> -vocabulary.count(id)))
        .map(vocabulary::token)
        .filter(token -> !Vocabulary.SPECIALS.contains(token))
        .distinct()
        .limit(mapWords)
        .toList();
  }

  private String[] analogy(String asked, Vocabulary vocabulary) {
    String[] three = asked.split(",", -1);
    if (three.length != 3) {
      throw new InputException(
          "--analogy %s has %s words, but it takes three, as in man,king,woman."
              .formatted(asked, three.length));
    }
    for (String word : three) {
      vectors.requireKnown(word, vocabulary);
    }
    return three;
  }

  private static List<Neighbour> named(List<VectorSearch.Hit> hits, Vocabulary vocabulary) {
    return hits.stream()
        .map(hit -> new Neighbour(vocabulary.token(hit.word()), hit.cosine()))
        .toList();
  }

  private static String words(List<Neighbour> near) {
    return String.join(", ", near.stream().map(n -> EmbeddingsPage.visible(n.word())).toList());
  }

  private static Map<String, Object> json(Map<String, List<Neighbour>> lists) {
    Map<String, Object> all = new LinkedHashMap<>();
    lists.forEach(
        (word, near) ->
            all.put(
                word,
                near.stream()
                    .map(n -> Json.fields("word", n.word(), "cosine", n.cosine()))
                    .toList()));
    return all;
  }
}
