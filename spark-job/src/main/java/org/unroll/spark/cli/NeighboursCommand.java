// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.embed.VectorSearch;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.WordMap;
import org.unroll.spark.store.AtomicFiles;
import org.unroll.spark.store.HadoopFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that shows which words are near a word. */
@Command(
    name = "neighbours",
    description = "Shows the words whose vectors are nearest to a word's, by the cosine.")
final class NeighboursCommand extends BaseCommand {
  @Parameters(paramLabel = "WORD", arity = "0..*", description = "One word or several.")
  List<String> words = new ArrayList<>();

  @Mixin ModelOption.Vectors vectors;

  @Option(names = "--top", paramLabel = "WORDS", description = "Neighbours of each word.")
  @Range(min = 1)
  int top = 10;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description =
          "Draw the words with their neighbours in two dimensions, as PNG (default: none).")
  String picture;

  @Override
  Map<String, Object> run() {
    if (picture != null) {
      HadoopFiles.requireWritable(picture);
    }
    OptionRules.require(words, "The word is missing: unroll neighbours WORD --model PATH.");
    WordVectors read = vectors.read();
    words.forEach(word -> vectors.requireKnown(word, read.vocabulary()));
    VectorSearch search = new VectorSearch(read, read.words());
    WordMap map = new WordMap(read);
    Map<String, Object> lists = new LinkedHashMap<>();
    List<String> texts = new ArrayList<>();
    for (String word : words) {
      List<Map<String, Object>> list = new ArrayList<>();
      Map<String, String> rows = new LinkedHashMap<>();
      for (VectorSearch.Hit hit : search.nearest(read.vocabulary().id(word), top)) {
        String neighbour = read.vocabulary().token(hit.word());
        list.add(Map.of("word", neighbour, "cosine", hit.cosine()));
        rows.put(neighbour, "%.3f".formatted(hit.cosine()));
        map.connect(word, neighbour);
      }
      lists.put(word, list);
      texts.add((words.size() > 1 ? word + ":\n" : "") + ResultTable.text(rows));
    }
    result(String.join("\n\n", texts));
    Map<String, Object> figures = Json.fields("neighbours", lists);
    if (picture != null) {
      AtomicFiles.write("picture", picture, map.png());
      figures.put("picture", picture);
    }
    return figures;
  }
}
