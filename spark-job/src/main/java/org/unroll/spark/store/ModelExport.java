// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.io.PyTorchModule;

/**
 * Writes models for other programs: a folder with the files of the model folder that a reader of it
 * wants, and the network in their language.
 */
public final class ModelExport {
  private static final String MODULE = "model.py";
  private static final String GRAPH = "model.onnx";

  private ModelExport() {}

  /**
   * Writes a model for PyTorch: the model folder with a file of Python that rebuilds the network of
   * the layers of {@code torch.nn}.
   *
   * @throws org.unroll.rnn.io.InputException if the folder cannot be written
   */
  public static void toPyTorch(SavedModel model, String out, boolean overwrite) {
    ModelConfig config = model.config();
    byte[] module =
        PyTorchModule.of(config.model(), config.task()).getBytes(StandardCharsets.UTF_8);
    Map<String, AtomicFiles.Content> files = new LinkedHashMap<>(model.files());
    files.put(MODULE, to -> to.write(module));
    write(files, MODULE, out, overwrite);
  }

  /**
   * Writes a model as a graph of ONNX, with what its numbers mean beside it.
   *
   * @throws org.unroll.rnn.io.InputException if the graph cannot have a part of it, or the folder
   *     cannot be written
   */
  public static void toOnnx(SavedModel model, String out, boolean overwrite) {
    String version = ModelExport.class.getPackage().getImplementationVersion();
    byte[] graph = OnnxModel.of(model, version == null ? "unknown" : version);
    Map<String, AtomicFiles.Content> files = new LinkedHashMap<>(model.files());
    files.remove(ModelFolder.PARAMS);
    files.remove(ModelFolder.PROBE);
    files.put(GRAPH, to -> to.write(graph));
    write(files, GRAPH, out, overwrite);
  }

  private static void write(
      Map<String, AtomicFiles.Content> files, String mark, String out, boolean overwrite) {
    Pattern names = Pattern.compile(".*\\.(json|safetensors|tsv|md|py|onnx)");
    OutputFolder folder =
        OutputFolder.free(
            out,
            overwrite,
            new OutputFolder.Kind("export", "the exported model", names, Optional.of(mark)));
    folder.write(
        unfinished -> {
          for (Map.Entry<String, AtomicFiles.Content> file : files.entrySet()) {
            unfinished.write(file.getKey(), file.getValue());
          }
        },
        "The exported model could not be written to " + folder.show());
  }
}
