// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.network.ReaderSpec;

/**
 * The file {@code config.json} of a model that reads sequences. Equal content gives equal bytes.
 *
 * @param task what the model does, such as {@code classify}
 * @param data how rows become sequences: values as JSON has them, in the order of the map
 * @param model its shape
 * @param training how it was trained; likewise
 * @param provenance where it comes from: data, version of the program, results; likewise
 */
public record ReaderConfig(
    String task,
    Map<String, Object> data,
    ReaderSpec model,
    Map<String, Object> training,
    Map<String, Object> provenance) {

  public ReaderConfig {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
    training = Collections.unmodifiableMap(new LinkedHashMap<>(training));
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
  }

  /** Writes the file as indented JSON; the stream stays open. */
  public void write(OutputStream out) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format_version", ModelConfig.FORMAT_VERSION);
    json.put("task", task);
    json.put("data", data);
    json.put("model", ReaderFields.of(model));
    json.put("training", training);
    json.put("provenance", provenance);
    JsonFields.write(json, out);
  }

  /**
   * Reads what {@link #write} wrote; the stream stays open.
   *
   * @param sourceName what messages call the file
   * @throws InputException if it is no such file or is of a newer version, naming the field
   */
  public static ReaderConfig read(InputStream in, String sourceName) throws IOException {
    JsonFields fields = JsonFields.read(in, sourceName);
    ConfigHead.version(fields, sourceName);
    ReaderConfig config =
        new ReaderConfig(
            fields.text("task"),
            fields.map("data"),
            ReaderFields.read(fields.map("model"), sourceName, "model"),
            fields.map("training"),
            fields.map("provenance"));
    fields.requireNoOther();
    return config;
  }
}
