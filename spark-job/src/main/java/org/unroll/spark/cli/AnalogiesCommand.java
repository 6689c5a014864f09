// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.unroll.rnn.embed.Analogies;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cli.ResultTable.Column;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.WordMap;
import org.unroll.spark.store.AtomicFiles;
import org.unroll.spark.store.HadoopFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that scores word vectors by analogies. */
@Command(
    name = "analogies",
    description = {
      "Scores word vectors by analogies: a is to b as c is to d.",
      "FILE has a question of four words a line, in sections that begin with a line ': name', as"
          + " word2vec's questions-words.txt. A question with a word that has no vector is left"
          + " out."
    })
final class AnalogiesCommand extends BaseCommand {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("accuracy", "accuracy", a -> "%.1f %%".formatted(100 * a)),
          new Column("right", "right", n -> Figures.count((long) n)),
          new Column("asked", "asked", n -> Figures.count((long) n)),
          new Column("of", "questions", n -> Figures.count((long) n)));

  /** More lines than this are no picture any more. */
  private static final int MOST_PAIRS = 30;

  @Parameters(paramLabel = "FILE", arity = "0..1", description = "The questions.")
  String file;

  @Mixin ModelOption.Vectors vectors;

  @Option(
      names = "--restrict-vocab",
      paramLabel = "WORDS",
      description = "Only the first, most frequent words are asked for and answered; 0 for all.")
  @Range
  int restrict = 0;

  @Option(
      names = "--case-sensitive",
      description = "Take Athens and athens for two words (default: for one).")
  boolean caseSensitive;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description =
          "Draw the pairs of a section in two dimensions, joined by lines, as PNG (default: none).")
  String picture;

  @Option(
      names = "--pairs",
      paramLabel = "SECTION",
      description = "Of --picture: whose pairs (default: the first section with vectors).")
  String pairs;

  @Override
  Map<String, Object> run() {
    if (picture != null) {
      HadoopFiles.requireWritable(picture);
    }
    OptionRules.require(file, "The file is missing: unroll analogies FILE --model PATH.");
    Analogies.Questions questions =
        HadoopFiles.read(file, "file of questions", Analogies.Questions::read);
    requireSection(questions);
    WordVectors read = vectors.read();
    Analogies analogies = new Analogies(read, restrict, caseSensitive);
    Analogies.Result scored = analogies.score(questions);
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    scored.sections().forEach((name, score) -> sections.put(name, figures(score)));
    Map<String, Object> figures = figures(scored.total());
    List<String> names = new ArrayList<>(sections.keySet());
    List<Map<String, Object>> rows = new ArrayList<>(sections.values());
    names.add("total");
    rows.add(figures);
    result(ResultTable.of(COLUMNS, names, rows));
    figures.put("sections", sections);
    if (picture != null) {
      AtomicFiles.write("picture", picture, map(questions, analogies, read, scored).png());
      figures.put("picture", picture);
    }
    return figures;
  }

  private void requireSection(Analogies.Questions questions) {
    Set<String> sections = questions.sections().keySet();
    if (pairs != null && !sections.contains(pairs)) {
      throw new InputException(
          "--pairs %s: %s has no such section%s"
              .formatted(
                  pairs,
                  file,
                  Nearest.hint("; ", pairs, sections)
                      .orElse("; there are " + String.join(", ", sections) + ".")));
    }
  }

  private static Map<String, Object> figures(Analogies.Score score) {
    return Json.fields(
        "accuracy", score.asked() == 0 ? null : score.accuracy(),
        "coverage", score.questions() == 0 ? null : score.coverage(),
        "questions", score.questions(),
        "asked", score.asked(),
        "right", score.right());
  }

  private WordMap map(
      Analogies.Questions questions,
      Analogies analogies,
      WordVectors read,
      Analogies.Result scored) {
    String section =
        scored.sections().keySet().stream()
            .filter(name -> pairs == null || name.equals(pairs))
            .filter(name -> scored.sections().get(name).asked() > 0)
            .findFirst()
            .orElse(null);
    if (section == null) {
      throw new InputException(
          "There is nothing to draw: no question%s has vectors for all its words."
              .formatted(pairs == null ? "" : " of " + pairs));
    }
    WordMap map = new WordMap(read);
    for (List<String> pair : analogies.pairs(questions.sections().get(section), MOST_PAIRS)) {
      map.connect(pair.get(0), pair.get(1));
    }
    return map;
  }
}
