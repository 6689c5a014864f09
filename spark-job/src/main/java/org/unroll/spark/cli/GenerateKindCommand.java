// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.lab.GeneratedData;
import org.unroll.spark.lab.SequenceKind;
import org.unroll.spark.report.Figures;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.NewFolder;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes up data of one kind; needs no Spark, only the file system it writes to. */
abstract class GenerateKindCommand extends BaseCommand {
  /** The options that say how much is made up, and where it goes. */
  @OptionRule.Group("Output")
  static final class AmountOptions {
    @Option(
        names = "--out",
        paramLabel = "DIR",
        description = "New folder for the data, on any Hadoop file system.")
    String out;

    @Option(
        names = "--count",
        defaultValue = "1000",
        paramLabel = "SEQUENCES",
        description = "Sequences to learn from.")
    @Range(min = 1)
    long count;

    @Option(
        names = "--valid-count",
        paramLabel = "SEQUENCES",
        description = "Sequences for validation (default: a tenth of --count).")
    @Range
    Long validCount;

    @Option(
        names = "--test-count",
        paramLabel = "SEQUENCES",
        description = "Sequences for the test (default: a tenth of --count).")
    @Range
    Long testCount;

    @Option(
        names = "--picture",
        description = "Draw some sequences too, as samples.png (default: no picture).")
    boolean picture;

    private String requireOut() {
      if (out == null) {
        throw new InputException("--out is missing: name a new folder for the data.");
      }
      return out;
    }

    private long orTenth(Long asked) {
      return asked != null ? asked : (count + 9) / 10;
    }
  }

  @Mixin AmountOptions output;

  /**
   * Returns the kind with its settings.
   *
   * @throws IllegalArgumentException if they do not go together
   */
  abstract SequenceKind kind();

  @Override
  final Map<String, Object> run() {
    NewFolder folder = NewFolder.at(output.requireOut(), HadoopFiles.configuration());
    SequenceKind kind = checkedKind();
    long valid = output.orTenth(output.validCount);
    long test = output.orTenth(output.testCount);
    new GeneratedData(kind, spec.name(), common.seed, output.count, valid, test)
        .write(folder, output.picture);
    result(
        "Wrote %s sequences to learn from, %s to choose by and %s to test with to %s."
            .formatted(
                Figures.count(output.count),
                Figures.count(valid),
                Figures.count(test),
                folder.show()));
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("kind", spec.name());
    figures.put("out", folder.show());
    figures.put("seed", common.seed);
    figures.put("train", output.count);
    figures.put("valid", valid);
    figures.put("test", test);
    figures.putAll(kind.settings());
    return figures;
  }

  private SequenceKind checkedKind() {
    try {
      return kind();
    } catch (IllegalArgumentException e) {
      String message = e.getMessage();
      throw new InputException(
          Character.toUpperCase(message.charAt(0)) + message.substring(1) + ".", e);
    }
  }
}
