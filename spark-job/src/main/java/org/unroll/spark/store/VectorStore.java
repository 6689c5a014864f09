// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.VectorFile;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.io.Safetensors;
import org.unroll.rnn.network.Network;

/**
 * Writes and reads word vectors on any Hadoop file system: folders like those of models, with
 * {@code config.json}, {@code model.safetensors} (the tensor {@code embedding.weight}) and {@code
 * vocabulary.tsv}, and files of word2vec and GloVe, plain or gzipped. The folder of a model has
 * word vectors too: those that its training has made.
 */
public final class VectorStore {
  private static final int GZIP_MAGIC = 0x1f8b;

  private VectorStore() {}

  /**
   * Writes a folder, whole or not at all.
   *
   * @param training how the vectors were learnt, for {@code config.json}
   * @param provenance where they come from, likewise
   * @param overwrite whether a model that is there may be replaced
   */
  public static void write(
      String out,
      boolean overwrite,
      WordVectors vectors,
      Map<String, Object> training,
      Map<String, Object> provenance) {
    Safetensors.Tensor weights =
        new Safetensors.Tensor(List.of(vectors.words(), vectors.size()), vectors.values());
    Map<String, AtomicFiles.Content> files = new LinkedHashMap<>();
    files.put(
        ModelFolder.CONFIG,
        o -> ModelConfig.writeEmbeddings(vectors.words(), vectors.size(), training, provenance, o));
    files.put(
        ModelFolder.PARAMS,
        o -> Safetensors.write(o, Map.of(Network.EMBEDDING, weights), ModelStore.METADATA));
    files.put(ModelFolder.VOCABULARY, vectors.vocabulary()::write);
    ModelStore.Writer writer = new ModelStore.Writer(out, overwrite);
    writer.claim("");
    writer.replace(files);
  }

  /**
   * Reads a folder, which may be named by a registry, or a file, whose format is told by its
   * content.
   *
   * @throws InputException if there is none or it is damaged, naming file and line or byte
   */
  public static WordVectors read(String named) {
    String path = RegistryFolder.resolve(named);
    HadoopFiles.Place file = HadoopFiles.at(path);
    String name = HadoopFiles.show(file.path());
    try {
      boolean folder = file.fs().getFileStatus(file.path()).isDirectory();
      return folder ? readFolder(path) : readFile(file.fs(), file.path());
    } catch (FileNotFoundException e) {
      throw new InputException(
          "There are no word vectors "
              + name
              + ". Give a folder that embed or train wrote, or a file of word2vec or GloVe.",
          e);
    } catch (EOFException | ZipException e) {
      throw new InputException(
          "%s is cut off or damaged: %s. Was it copied completely?"
              .formatted(name, HadoopFiles.reason(e)),
          e);
    } catch (IOException e) {
      throw new InputException(name + " cannot be read: " + HadoopFiles.reason(e) + ".", e);
    }
  }

  private static WordVectors readFolder(String path) {
    ModelFolder folder = ModelStore.existing(path);
    Vocabulary vocabulary = ModelStore.read(folder, ModelFolder.VOCABULARY, Vocabulary::read);
    Safetensors.Tensor tensor =
        ModelStore.read(folder, ModelFolder.PARAMS, Safetensors::readFinite).get(Network.EMBEDDING);
    if (tensor == null
        || tensor.shape().size() != 2
        || tensor.shape().get(0) != vocabulary.size()) {
      throw new InputException(
          ("%s must have the tensor %s with a row for each of the %s tokens of %s, but has"
                  + " %s. Restore the folder from a copy.")
              .formatted(
                  folder.show(ModelFolder.PARAMS),
                  Network.EMBEDDING,
                  vocabulary.size(),
                  folder.show(ModelFolder.VOCABULARY),
                  tensor == null ? "none" : "one of the shape " + tensor.shape()));
    }
    return new WordVectors(vocabulary, tensor.shape().get(1), tensor.values());
  }

  private static WordVectors readFile(FileSystem fs, Path file) throws IOException {
    try (BufferedInputStream raw = new BufferedInputStream(fs.open(file), 1 << 16);
        InputStream in = isGzip(raw) ? new GZIPInputStream(raw, 1 << 16) : raw) {
      return VectorFile.read(in, HadoopFiles.show(file));
    }
  }

  private static boolean isGzip(BufferedInputStream in) throws IOException {
    in.mark(2);
    int magic = in.read() << 8 | in.read();
    in.reset();
    return magic == GZIP_MAGIC;
  }

  /**
   * Writes a file for other programs, whole or not at all; gzipped if its name ends with {@code
   * .gz}.
   *
   * @throws InputException if a word cannot be written
   */
  public static void export(WordVectors vectors, VectorFile.Format format, String out) {
    HadoopFiles.Place place = HadoopFiles.at(out);
    Path file = place.path();
    try {
      AtomicFiles.write(place.fs(), file, to -> write(vectors, format, file, to));
    } catch (IOException e) {
      throw HadoopFiles.unwritten(HadoopFiles.show(file), e);
    }
  }

  private static void write(
      WordVectors vectors, VectorFile.Format format, Path file, OutputStream to)
      throws IOException {
    OutputStream out = file.getName().endsWith(".gz") ? new GZIPOutputStream(to, 1 << 16) : to;
    VectorFile.write(vectors, format, out);
    if (out instanceof GZIPOutputStream gzip) {
      gzip.finish();
    }
  }
}
