// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.SequenceRow;

/**
 * Answers {@code /v1/embeddings}: of a language model the state behind the last token of a text, of
 * any other the mean of its encoder's outputs over the steps.
 */
final class Embeddings {
  private static final Set<String> FIELDS = Set.of("model", "input", "encoding_format");
  private static final String INPUT = "input";
  private static final String BASE64 = "base64";

  private final ServedModel model;
  private final Limits limits;

  Embeddings(ServedModel model, Limits limits) {
    this.model = model;
    this.limits = limits;
  }

  /**
   * Answers a request.
   *
   * @throws ApiException if it cannot be answered
   * @throws IOException if the client has gone
   */
  void answer(Call call, ObjectNode json) throws IOException {
    Fields fields = new Fields(json);
    fields.requireKnown(FIELDS, Set.of("user"));
    if (!fields.has(INPUT)) {
      throw ApiException.invalid(INPUT, "'input' is missing: a text, or a list of texts.");
    }
    List<String> texts = fields.texts(INPUT, List.of(""), limits.choices());
    String format = fields.textOrNull("encoding_format");
    if (format != null && !format.equals("float") && !format.equals(BASE64)) {
      throw ApiException.invalid(
          "encoding_format", "'encoding_format' must be \"float\" or \"base64\".");
    }
    List<JsonNode> rows = texts.stream().<JsonNode>map(TextNode::valueOf).toList();
    boolean last = model.model().saved().config().model().head() instanceof HeadSpec.Vocabulary;
    List<Map<String, Object>> data = new ArrayList<>();
    int steps =
        model.reading(
            call.deadline(),
            reader -> {
              List<SequenceRow> made = Predictions.rows(reader, rows, model, limits);
              int read = 0;
              for (float[][] states : reader.states(made)) {
                float[] vector = vector(states, last);
                Object told = BASE64.equals(format) ? base64(vector) : vector;
                read += states.length;
                data.add(
                    Json.fields("object", "embedding", "index", data.size(), "embedding", told));
              }
              return read;
            });
    Map<String, Object> usage = Json.fields("prompt_tokens", steps, "total_tokens", steps);
    call.answer(
        200, Json.fields("object", "list", "data", data, "model", model.id(), "usage", usage));
  }

  private static float[] vector(float[][] states, boolean last) {
    if (states.length == 0) {
      throw ApiException.invalid(INPUT, "A text of 'input' has nothing that the model reads.");
    }
    if (last) {
      return states[states.length - 1];
    }
    float[] vector = new float[states[0].length];
    for (int j = 0; j < vector.length; j++) {
      double sum = 0;
      for (float[] state : states) {
        sum += state[j];
      }
      vector[j] = (float) (sum / states.length);
    }
    return vector;
  }

  private static String base64(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
