// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.task.ModelImport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that makes a model of what PyTorch trained. */
@Command(
    name = "import",
    description = "Makes a model of a state dictionary of torch.nn, to be trained on here.")
final class ImportCommand extends BaseCommand {
  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "The state dictionary as safetensors: of an embedding, an RNN, LSTM or GRU, and a linear"
              + " layer; what is missing of the first and last is drawn.")
  String weights;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "A JSON object that tells what shapes do not: task (lm, classify, tag), unit, lowercase,"
              + " vocabulary (a file of tokens, one a line), unknown, labels, pooling, nonlinearity,"
              + " tied, means, deviations, and names, as in {\"rnn\": \"lstm\"}.")
  String config;

  @Option(names = "--out", paramLabel = "DIR", description = "Folder of the model.")
  String out;

  @Option(names = "--overwrite", description = "Replace the model that is in the folder.")
  boolean overwrite;

  @Override
  Map<String, Object> run() {
    OptionRules.require(
        weights, "--weights is missing: name the file, as in --weights lstm.safetensors.");
    OptionRules.require(
        config, "--config is missing: name the description, as in --config lstm.json.");
    OptionRules.require(out, "--out is missing: name the folder, as in --out work/model.");
    ModelStore.requireFree(out, overwrite);
    ModelImport.Imported imported = ModelImport.read(weights, config, seed);
    SavedModel model = imported.model();
    ModelStore.write(model, out, overwrite);
    String drawn =
        imported.drawn().isEmpty() ? "" : "; drawn: " + String.join(", ", imported.drawn());
    result(
        "A model of task %s, %s, in %s%s"
            .formatted(
                model.config().task(),
                Figures.count(model.params().length, "parameter"),
                out,
                drawn));
    return Json.fields(
        "task",
        model.config().task(),
        "parameters",
        model.params().length,
        "drawn",
        imported.drawn(),
        "model",
        out);
  }
}
