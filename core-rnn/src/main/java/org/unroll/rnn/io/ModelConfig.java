// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.NetworkSpec;

/**
 * The file {@code config.json} of a model folder tells what the numbers beside it mean, and where
 * they come from.
 *
 * @param formatVersion of the model folder; a reader refuses a newer one than it knows
 * @param task what the model does, such as {@code lm}
 * @param data how the user's data become examples: values as JSON has them, in their order
 * @param model the network
 * @param training how it was trained: options and their values, likewise
 * @param provenance where it comes from: data, version of the program, results; likewise
 */
public record ModelConfig(
    int formatVersion,
    String task,
    Map<String, Object> data,
    NetworkSpec model,
    Map<String, Object> training,
    Map<String, Object> provenance) {
  /** The version that this program writes, and the newest that it reads. */
  public static final int FORMAT_VERSION = 3;

  private static final String VERSION = "format_version";

  /** The field that tells what is in a folder that is no model. */
  private static final String KIND = "kind";

  private static final String MODEL = "model";

  /** The fields that a language model had in version 1. */
  private static final Set<String> LANGUAGE_MODEL =
      Set.of("vocabulary embedding cell layers hidden bias dropout tied learned_state".split(" "));

  public ModelConfig {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
    training = Collections.unmodifiableMap(new LinkedHashMap<>(training));
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
  }

  /** Makes the file of a model in the version that this program writes. */
  public ModelConfig(
      String task,
      Map<String, Object> data,
      NetworkSpec model,
      Map<String, Object> training,
      Map<String, Object> provenance) {
    this(FORMAT_VERSION, task, data, model, training, provenance);
  }

  /** Returns the same file with another provenance. */
  public ModelConfig withProvenance(Map<String, Object> other) {
    return new ModelConfig(formatVersion, task, data, model, training, other);
  }

  /** Writes the file as indented JSON; the stream stays open. */
  public void write(OutputStream out) throws IOException {
    StrictJson.write(this, out);
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
    json.put(VERSION, 1);
    json.put(KIND, "embeddings");
    json.put("words", words);
    json.put("size", size);
    json.put("training", training);
    json.put("provenance", provenance);
    StrictJson.write(json, out);
  }

  /**
   * Reads what {@link #write} wrote, or what an earlier version of this program did; the stream
   * stays open.
   *
   * @param source what messages call the file
   * @throws InputException if it is no such file or is of a newer version, naming the field
   */
  public static ModelConfig read(InputStream in, String source) throws IOException {
    ObjectNode json = StrictJson.tree(in, source);
    int version =
        StrictJson.requireVersion(
            json, source, VERSION, FORMAT_VERSION, "use the program that wrote it, or a newer one");
    if (json.has(KIND)) {
      throw new InputException(
          source
              + " belongs to word vectors and not to a model: look at them with neighbours and"
              + " analogies, or train a model on them with --embeddings");
    }
    if (version == 1) {
      upgrade(json);
    }
    if (version <= 2 && json.get(MODEL) instanceof ObjectNode model) {
      upgradeToDecoders(model);
    }
    return StrictJson.bind(json, source, "", ModelConfig.class);
  }

  /** Turns the fields of version 1 into those of version 2. What is missing stays missing. */
  private static void upgrade(ObjectNode json) {
    if (!(json.get(MODEL) instanceof ObjectNode model)) {
      return;
    }
    if (json.has("unit")) {
      json.putObject("data").set("unit", json.remove("unit"));
      json.set(MODEL, languageModel(model));
    } else {
      upgradeReader(model);
      if (json.get("data") instanceof ObjectNode data) {
        nullUnlessThere(data, "label");
        nullUnlessThere(data, "means");
        nullUnlessThere(data, "deviations");
      }
    }
  }

  /**
   * Version 2 had no decoders, and no smoothing of the labels of a vocabulary or clusters of it.
   */
  private static void upgradeToDecoders(ObjectNode model) {
    model.putNull("decoder");
    if (model.get("head") instanceof ObjectNode head
        && head.path("kind").asText().equals("vocabulary")) {
      head.put("smoothing", 0.0);
      head.putArray("cutoffs");
      head.put("divisor", HeadSpec.Vocabulary.DIVISOR);
    }
  }

  /** Version 1 had a form of its own for language models. */
  private static ObjectNode languageModel(ObjectNode old) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    ObjectNode column = nodes.objectNode().put("trainable", true);
    copy(old, "vocabulary", column, "vocabulary");
    copy(old, "embedding", column, "embedding");
    ObjectNode model = nodes.objectNode();
    ObjectNode inputs = model.putObject("inputs").put("features", 0).putNull("words");
    inputs.putArray("columns").add(column);
    ObjectNode encoder = model.putObject("encoder");
    copy(old, "cell", encoder, "cell");
    copy(old, "embedding", encoder, "input_size");
    copy(old, "hidden", encoder, "hidden_size");
    copy(old, "layers", encoder, "layers");
    copy(old, "hidden", encoder, "last_size");
    copy(old, "bias", encoder, "bias");
    encoder.put("direction", "forward").put("residual", false).put("layer_norm", false);
    ObjectNode dropout = encoder.putObject("dropout").put("embedding", 0.0);
    copy(old, "dropout", dropout, "input");
    copy(old, "dropout", dropout, "between");
    copy(old, "dropout", dropout, "output");
    dropout.put("weight", 0.0).put("locked", false);
    copy(old, "learned_state", model, "learned_state");
    // What is unknown is to be refused by its name.
    old.properties().stream()
        .filter(field -> !LANGUAGE_MODEL.contains(field.getKey()))
        .forEach(field -> model.set(field.getKey(), field.getValue()));
    model.putNull("pooling");
    ObjectNode head = model.putObject("head").put("kind", "vocabulary");
    copy(old, "vocabulary", head, "tokens");
    copy(old, "tied", head, "tied");
    copy(old, "bias", head, "bias");
    return model;
  }

  private static void copy(ObjectNode from, String field, ObjectNode to, String name) {
    if (from.has(field)) {
      to.set(name, from.get(field));
    }
  }

  /** Version 1 left out of the other networks what followed from the rest, or was not there. */
  private static void upgradeReader(ObjectNode model) {
    model.put("learned_state", false);
    nullUnlessThere(model, "pooling");
    if (model.get("head") instanceof ObjectNode head
        && head.path("kind").asText().equals("softmax")) {
      nullUnlessThere(head, "weights");
    }
    if (model.get("inputs") instanceof ObjectNode inputs) {
      nullUnlessThere(inputs, "words");
      if (model.get("encoder") instanceof ObjectNode encoder) {
        encoder.put("input_size", width(inputs));
        copy(encoder, "hidden", encoder, "last_size");
        copy(encoder, "hidden", encoder, "hidden_size");
        encoder.remove("hidden");
      }
    }
  }

  private static void nullUnlessThere(ObjectNode object, String field) {
    if (!object.has(field)) {
      object.putNull(field);
    }
  }

  private static int width(ObjectNode inputs) {
    int width = inputs.path("features").asInt() + 2 * inputs.path("words").path("hidden").asInt();
    if (inputs.get("columns") instanceof ArrayNode columns) {
      for (JsonNode column : columns) {
        width += column.path("embedding").asInt();
      }
    }
    return width;
  }
}
