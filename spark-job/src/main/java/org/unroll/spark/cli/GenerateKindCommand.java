// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.lab.GeneratedData;
import org.unroll.spark.lab.Kind;
import org.unroll.spark.report.Figures;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.NewFolder;
import picocli.CommandLine.Mixin;

/** Makes up data of one kind; needs no Spark, only the file system it writes to. */
abstract class GenerateKindCommand extends BaseCommand {
  @Mixin GeneratedOptions output;

  GenerateKindCommand(Invocation invocation) {
    super(invocation);
  }

  /**
   * The kind with its settings.
   *
   * @throws IllegalArgumentException if they do not go together
   */
  abstract Kind kind();

  @Override
  final Map<String, Object> run() {
    NewFolder folder = NewFolder.at(output.requireOut(), HadoopFiles.configuration());
    Kind kind = checkedKind();
    long valid = output.valid();
    long test = output.test();
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

  private Kind checkedKind() {
    try {
      return kind();
    } catch (IllegalArgumentException e) {
      String message = e.getMessage();
      throw new InputException(
          Character.toUpperCase(message.charAt(0)) + message.substring(1) + ".", e);
    }
  }
}
