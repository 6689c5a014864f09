// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.io.Safetensors;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;

/**
 * The content of a model folder, whatever the model does.
 *
 * @param config the network, what it reads and where it comes from
 * @param params the parameters, as the layout of the network has them
 * @param vocabularies the tokens of each column
 * @param characters of the words of the first column, or null
 * @param target the tokens that are written by a decoder, or null
 * @param tensors what the task learnt besides, by name; empty for nothing
 */
public record SavedModel(
    ModelConfig config,
    float[] params,
    List<Vocabulary> vocabularies,
    Vocabulary characters,
    Vocabulary target,
    Map<String, Tensor> tensors) {
  /** The field of the provenance that ties the files of a folder to each other. */
  private static final String CHECKSUM = "checksum";

  public SavedModel {
    vocabularies = List.copyOf(vocabularies);
    int size = new Network(config.model()).layout().size();
    if (params.length != size) {
      throw new IllegalArgumentException(
          "the model has " + size + " parameters but " + params.length + " were given");
    }
    List<InputSpec.TokenColumn> columns = config.model().inputs().columns();
    for (int c = 0; c < columns.size(); c++) {
      if (vocabularies.get(c).size() != columns.get(c).vocabulary()) {
        throw new IllegalArgumentException(
            "the model has %s tokens but the vocabulary %s"
                .formatted(columns.get(c).vocabulary(), vocabularies.get(c).size()));
      }
    }
    DecoderSpec decoder = config.model().decoder();
    int written = target == null ? 0 : target.size();
    if (written != (decoder == null ? 0 : decoder.vocabulary())) {
      throw new IllegalArgumentException(
          "the model writes %s tokens but the vocabulary has %s"
              .formatted(decoder == null ? 0 : decoder.vocabulary(), written));
    }
  }

  /** Makes a model that does not write with a decoder. */
  public SavedModel(
      ModelConfig config,
      float[] params,
      List<Vocabulary> vocabularies,
      Vocabulary characters,
      Map<String, Tensor> tensors) {
    this(config, params, vocabularies, characters, null, tensors);
  }

  /** Returns the network with the layout of its parameters. */
  public Network network() {
    return new Network(config.model());
  }

  /**
   * Returns the same model as it was before {@link #files}: without the checksum.
   *
   * @param folder as messages name it
   * @throws InputException if the files do not belong together
   */
  SavedModel checked(String folder) {
    Map<String, Object> provenance = new LinkedHashMap<>(config.provenance());
    Object told = provenance.remove(CHECKSUM);
    String found = told == null ? null : checksum();
    if (told != null && !told.equals(found)) {
      throw new InputException(
          ("The files of the model %s do not belong together, or one is damaged: tokens and"
                  + " parameters have the checksum %s, but %s says %s. Restore the folder from a"
                  + " copy or train again; if it was changed on purpose, take %s out of %s.")
              .formatted(folder, found, ModelFolder.CONFIG, told, CHECKSUM, ModelFolder.CONFIG));
    }
    return new SavedModel(
        config.withProvenance(provenance), params, vocabularies, characters, target, tensors);
  }

  /** Returns a number of all tokens and parameters in hexadecimal. */
  public String checksum() {
    CheckedOutputStream all =
        new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32C());
    try {
      for (AtomicFiles.Content file : contents().values()) {
        file.writeTo(all);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return String.format("%08x", all.getChecksum().getValue());
  }

  /** Returns what each file of the folder holds, by its name. */
  Map<String, AtomicFiles.Content> files() {
    Map<String, Object> provenance = new LinkedHashMap<>(config.provenance());
    provenance.put(CHECKSUM, checksum());
    Map<String, AtomicFiles.Content> files = new LinkedHashMap<>();
    files.put(ModelFolder.CONFIG, config.withProvenance(provenance)::write);
    files.putAll(contents());
    byte[] card = ModelCard.of(config, params.length).getBytes(StandardCharsets.UTF_8);
    files.put(ModelFolder.CARD, out -> out.write(card));
    return files;
  }

  private Map<String, AtomicFiles.Content> contents() {
    Map<String, AtomicFiles.Content> files = new LinkedHashMap<>();
    files.put(
        ModelFolder.PARAMS,
        out -> Safetensors.write(out, network().layout(), params, ModelStore.METADATA));
    for (int c = 0; c < vocabularies.size(); c++) {
      files.put(ModelFolder.vocabulary(c), vocabularies.get(c)::write);
    }
    if (characters != null) {
      files.put(ModelFolder.CHARACTERS, characters::write);
    }
    if (target != null) {
      files.put(ModelFolder.TARGET, target::write);
    }
    if (!tensors.isEmpty()) {
      files.put(ModelFolder.PROBE, out -> Safetensors.write(out, tensors, ModelStore.METADATA));
    }
    return files;
  }
}
