// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Json;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.TaskModel;
import org.unroll.spark.task.Writing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The command that lets a language model write. It needs no Spark, only the file system that the
 * model is on.
 */
@Command(name = "generate", description = "Writes text with a language model.")
final class GenerateCommand extends BaseCommand {
  private static final int MOST_NAMED = 10;
  private static final double USUAL_TEMPERATURE = 0.8;

  @Mixin ModelOption model;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "What to continue (default: the beginning of a line).")
  String prompt = "";

  @Option(names = "--length", paramLabel = "TOKENS", description = "How much to write.")
  @Range(min = 1)
  int length = 500;

  @Mixin SamplingOptions sampling;

  @Override
  Map<String, Object> run() {
    TaskModel read = model.read();
    if (read.task() instanceof Writing) {
      throw new InputException(
          ("The model %s writes about what it reads, as its task is %s: have it answer with predict"
                  + " --input FILE, or predict --say TEXT.")
              .formatted(model.model, read.task().name()));
    }
    if (!(read.task() instanceof LanguageModel task)) {
      throw new InputException(
          ("The model %s does not write: it is of task %s. Name a language model, as train"
                  + " --task lm makes it.")
              .formatted(model.model, read.task().name()));
    }
    LanguageModel.Writer generator = LanguageModel.Writer.of(read);
    List<String> unknown = generator.unknown(prompt);
    if (!unknown.isEmpty()) {
      refuse(task.unit(), unknown);
    }
    String text = write(generator);
    result(text);
    return Json.fields("text", text, "seed", seed);
  }

  private String write(LanguageModel.Writer generator) {
    try {
      return generator.text(prompt, length, sampling.sampling(USUAL_TEMPERATURE, seed));
    } catch (IllegalStateException e) {
      // Parameters may be numbers, and too large for anything to be computed with them.
      throw new InputException(
          "The model %s cannot write: %s. Restore it from a copy or train again."
              .formatted(model.model, e.getMessage()),
          e);
    }
  }

  /**
   * Refuses a prompt with characters that the model has never seen, which were mistyped, and tells
   * of words that it has not and reads as its symbol for those.
   */
  private void refuse(String unit, List<String> unknown) {
    String few =
        unknown.stream().limit(MOST_NAMED).map(GenerateCommand::name).collect(joining(", "));
    int more = unknown.size() - MOST_NAMED;
    String named = more > 0 ? few + " and " + more + " more" : few;
    if (unit.equals(Converters.name(UnitOptions.Unit.CHAR))) {
      throw new InputException(
          ("The text of --prompt has characters that the model %s has never seen: %s. Leave"
                  + " them out; vocabulary.tsv in its folder lists those it knows.")
              .formatted(model.model, named));
    }
    terminal().note("The model has never seen " + named + " and reads it as <unk>.");
  }

  private static String name(String token) {
    return token.codePointCount(0, token.length()) == 1
        ? String.format("'%s' (U+%04X)", token, token.codePointAt(0))
        : "'" + token + "'";
  }
}
