// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * What the {@code config.json} of every model folder has, whatever the model does.
 *
 * @param task what the model does, such as {@code lm}
 * @param provenance where it comes from
 */
public record ConfigHead(String task, Map<String, Object> provenance) {

  /**
   * Reads it; the stream stays open.
   *
   * @param sourceName what messages call the file
   * @throws InputException if it is no such file or is of a newer version, naming the field
   */
  public static ConfigHead read(InputStream in, String sourceName) throws IOException {
    JsonFields fields = JsonFields.read(in, sourceName);
    version(fields, sourceName);
    return new ConfigHead(fields.text("task"), fields.map("provenance"));
  }

  /** The version of a model's file; fails for a newer one than is known, and for no model's. */
  static int version(JsonFields fields, String sourceName) {
    int version = fields.integer("format_version");
    if (version < 1 || version > ModelConfig.FORMAT_VERSION) {
      throw new InputException(
          sourceName
              + " has the format version "
              + version
              + ", but this program reads versions up to "
              + ModelConfig.FORMAT_VERSION
              + ": use the program that wrote it, or a newer one");
    }
    if (fields.has(ModelConfig.KIND)) {
      throw new InputException(
          sourceName
              + " belongs to word vectors and not to a model: look at them with neighbours and"
              + " analogies, or train a model on them with --embeddings");
    }
    return version;
  }
}
