// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.unroll.rnn.embed.VectorFile;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.AtomicFiles;
import org.unroll.spark.store.ModelExport;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.store.VectorStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that writes models, or word vectors, for other programs. */
@Command(
    name = "export",
    description = "Writes a model, or word vectors, as files that other programs read.")
final class ExportCommand extends BaseCommand {
  /** The forms of what is written. */
  enum Format {
    PYTORCH(null),
    ONNX(null),
    WORD2VEC(VectorFile.Format.WORD2VEC),
    WORD2VEC_BINARY(VectorFile.Format.WORD2VEC_BINARY),
    GLOVE(VectorFile.Format.GLOVE);

    /** The form of word vectors, or null where it is one of whole models. */
    private final VectorFile.Format ofVectors;

    Format(VectorFile.Format ofVectors) {
      this.ofVectors = ofVectors;
    }
  }

  @Mixin ModelOption.Vectors source;

  @Option(
      names = "--format",
      description =
          "Of a model that train wrote: pytorch (a folder with its parameters and a file of Python"
              + " that rebuilds it of torch.nn) or onnx (a folder with its graph; not of models that"
              + " write with a decoder). Of word vectors: word2vec (text), word2vec-binary or glove.")
  Format format = Format.WORD2VEC;

  @Option(
      names = "--out",
      paramLabel = "PATH",
      description =
          "The file of word vectors, gzipped if it ends with .gz, or the folder of a model; on any"
              + " Hadoop file system.")
  String out;

  @Option(names = "--overwrite", description = "Replace what was exported there before.")
  boolean overwrite;

  @Override
  Map<String, Object> run() {
    OptionRules.require(out, "--out is missing: name the file, as in --out vectors.txt.");
    return format.ofVectors == null ? model() : vectors();
  }

  private Map<String, Object> vectors() {
    AtomicFiles.requireFree(out, overwrite);
    WordVectors read = source.read();
    VectorStore.export(read, format.ofVectors, out);
    result(Figures.count(read.words()) + " vectors of " + read.size() + " numbers in " + out);
    return Json.fields(
        "types", read.words(), "size", read.size(), "format", Converters.name(format), "file", out);
  }

  private Map<String, Object> model() {
    OptionRules.require(
        source.model,
        "--model is missing: name the folder that train wrote, as in --model work/model.");
    SavedModel read = ModelStore.read(source.model);
    if (format == Format.ONNX) {
      ModelExport.toOnnx(read, out, overwrite);
    } else {
      ModelExport.toPyTorch(read, out, overwrite);
    }
    String task = read.config().task();
    result(
        "A model of task %s, %s, in %s"
            .formatted(task, Figures.count(read.params().length, "parameter"), out));
    return Json.fields(
        "task",
        task,
        "parameters",
        read.params().length,
        "format",
        Converters.name(format),
        "folder",
        out);
  }
}
