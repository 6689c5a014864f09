// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.unroll.rnn.embed.VectorFile;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.AtomicFiles;
import org.unroll.spark.store.VectorStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that writes word vectors for other programs. */
@Command(name = "export", description = "Writes word vectors as a file that other programs read.")
final class ExportCommand extends BaseCommand {
  @Mixin ModelOption.Vectors vectors;

  @Option(names = "--format", description = "word2vec (text), word2vec-binary or glove.")
  VectorFile.Format format = VectorFile.Format.WORD2VEC;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The file, on any Hadoop file system; gzipped if it ends with .gz.")
  String out;

  @Option(names = "--overwrite", description = "Replace a file that is there.")
  boolean overwrite;

  @Override
  Map<String, Object> run() {
    OptionRules.require(out, "--out is missing: name the file, as in --out vectors.txt.");
    AtomicFiles.requireFree(out, overwrite);
    WordVectors read = vectors.read();
    VectorStore.export(read, format, out);
    result(Figures.count(read.words()) + " vectors of " + read.size() + " numbers in " + out);
    return Json.fields(
        "types", read.words(), "size", read.size(), "format", Converters.name(format), "file", out);
  }
}
