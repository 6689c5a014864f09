// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.nn.CellType;

/**
 * The file {@code config.json} of a model folder: what the numbers beside it mean, and where they
 * come from. Equal content gives equal bytes.
 *
 * @param formatVersion of the model folder; a reader refuses a newer one than it knows
 * @param task what the model does, such as {@code lm}
 * @param unit what its tokens are: {@code char} or {@code word}
 * @param model its shape
 * @param training how it was trained: values as JSON has them, in the order of the map
 * @param provenance where it comes from: data, version of the program, results; likewise
 */
public record ModelConfig(
    int formatVersion,
    String task,
    String unit,
    ModelSpec model,
    Map<String, Object> training,
    Map<String, Object> provenance) {
  /** The version this program writes, and the newest it reads. */
  public static final int FORMAT_VERSION = 1;

  /** The field of what is in the folder where that is no model. */
  static final String KIND = "kind";

  private static final String EMBEDDINGS = "embeddings";

  public ModelConfig {
    training = Collections.unmodifiableMap(new LinkedHashMap<>(training));
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
  }

  /** Writes the file as indented JSON; the stream stays open. */
  public void write(OutputStream out) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format_version", formatVersion);
    json.put("task", task);
    json.put("unit", unit);
    json.put("model", modelFields());
    json.put("training", training);
    json.put("provenance", provenance);
    JsonFields.write(json, out);
  }

  /**
   * Writes the same file for a folder of word vectors, which has a kind and no model; the stream
   * stays open.
   *
   * @param training how they were learnt
   * @param provenance where they come from
   */
  public static void writeEmbeddings(
      int words,
      int size,
      Map<String, Object> training,
      Map<String, Object> provenance,
      OutputStream out)
      throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format_version", FORMAT_VERSION);
    json.put(KIND, EMBEDDINGS);
    json.put("words", words);
    json.put("size", size);
    json.put("training", training);
    json.put("provenance", provenance);
    JsonFields.write(json, out);
  }

  private Map<String, Object> modelFields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("vocabulary", model.vocabulary());
    fields.put("embedding", model.embedding());
    fields.put("cell", model.cell().name().toLowerCase(Locale.ROOT));
    fields.put("layers", model.layers());
    fields.put("hidden", model.hidden());
    fields.put("bias", model.bias());
    fields.put("dropout", model.dropout());
    fields.put("tied", model.tied());
    fields.put("learned_state", model.learnedState());
    return fields;
  }

  /**
   * Reads what {@link #write} wrote; the stream stays open.
   *
   * @param sourceName what messages call the file
   * @throws InputException if it is no such file or is of a newer version, naming the field
   */
  public static ModelConfig read(InputStream in, String sourceName) throws IOException {
    JsonFields fields = JsonFields.read(in, sourceName);
    int version = ConfigHead.version(fields, sourceName);
    ModelConfig config =
        new ModelConfig(
            version,
            fields.text("task"),
            fields.text("unit"),
            model(fields.object("model"), sourceName),
            fields.map("training"),
            fields.map("provenance"));
    fields.requireNoOther();
    return config;
  }

  private static ModelSpec model(JsonFields fields, String sourceName) {
    CellType cell = fields.constant("cell", CellType.class);
    int vocabulary = fields.integer("vocabulary");
    int embedding = fields.integer("embedding");
    int layers = fields.integer("layers");
    int hidden = fields.integer("hidden");
    boolean bias = fields.bool("bias");
    double dropout = fields.number("dropout");
    boolean tied = fields.bool("tied");
    boolean learnedState = fields.bool("learned_state");
    fields.requireNoOther();
    try {
      return new ModelSpec(
          vocabulary, embedding, cell, layers, hidden, bias, dropout, tied, learnedState);
    } catch (IllegalArgumentException e) {
      throw new InputException(sourceName + ": model: " + e.getMessage(), e);
    }
  }
}
