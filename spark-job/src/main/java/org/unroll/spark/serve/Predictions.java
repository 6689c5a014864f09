// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.StrictJson;
import org.unroll.rnn.network.Search;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.task.TaskReader;

/**
 * Answers {@code /predict}: a row, a list of rows, or an object with {@code rows} and how they are
 * to be answered.
 */
final class Predictions {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String ROWS = "rows";
  private static final String ATTENTION = "attention";
  private static final String BEAM = "beam";
  private static final String BEST = "n_best";
  private static final String TEXT = "text";
  private static final int WIDEST_BEAM = 32;

  private final ServedModel model;
  private final Limits limits;
  private final Metrics metrics;

  Predictions(ServedModel model, Limits limits, Metrics metrics) {
    this.model = model;
    this.limits = limits;
    this.metrics = metrics;
  }

  /**
   * Answers a request.
   *
   * @throws ApiException if it cannot be answered
   * @throws IOException if the client has gone
   */
  void answer(Call call, JsonNode body) throws IOException {
    boolean single = body instanceof ObjectNode object && !object.path(ROWS).isArray();
    ObjectNode options = body instanceof ObjectNode object ? object : MAPPER.createObjectNode();
    Fields fields = new Fields(options);
    boolean attention = !isColumn(ATTENTION) && fields.flag(ATTENTION, false);
    int beam = isColumn(BEAM) ? 1 : fields.integer(BEAM, 1, 1, WIDEST_BEAM);
    int best = isColumn(BEST) ? 1 : fields.integer(BEST, 1, 1, beam);
    List<JsonNode> rows = new ArrayList<>();
    if (single) {
      rows.add(body);
    } else {
      ((body instanceof ArrayNode) ? body : options.get(ROWS)).forEach(rows::add);
    }
    requireFew(rows.size());
    List<Map<String, Object>> answers =
        model.reading(
            call.deadline(), reader -> answers(reader, rows, Search.ofBeam(beam, best), attention));
    metrics.rows(rows.size());
    call.answer(
        200,
        single
            ? answers.get(0)
            : Json.fields("object", "list", "model", model.id(), "data", answers));
  }

  private boolean isColumn(String name) {
    return model.model().readColumns().contains(name);
  }

  private void requireFew(int rows) {
    if (rows == 0 || rows > limits.choices()) {
      throw ApiException.invalid(
          ROWS, "A request has 1 to %s rows, not %s.".formatted(limits.choices(), rows));
    }
  }

  private List<Map<String, Object>> answers(
      TaskReader reader, List<JsonNode> all, Search search, boolean attention) {
    List<SequenceRow> rows = rows(reader, all, model, limits);
    List<Map<String, Object>> answers = new ArrayList<>();
    for (TaskReader.Answer answer : reader.answers(rows, search, attention)) {
      answers.add(fields(answer, attention));
    }
    return answers;
  }

  /**
   * Returns the rows of objects, or of texts.
   *
   * @throws ApiException if they are too long
   */
  static List<SequenceRow> rows(
      TaskReader reader, List<JsonNode> all, ServedModel model, Limits limits) {
    List<String> columns = model.model().readColumns();
    List<SequenceRow> rows = new ArrayList<>();
    long steps = 0;
    for (JsonNode row : all) {
      Map<String, Object> values = new LinkedHashMap<>();
      if (row.isTextual()) {
        values.put(TEXT, row.textValue());
      } else if (row.isObject()) {
        values.putAll(StrictJson.fields(MAPPER.convertValue(row, Object.class)));
      } else {
        throw ApiException.invalid(ROWS, "A row must be an object with the columns of the model.");
      }
      // A text by its usual name is that of the only column.
      if (columns.size() == 1 && !values.containsKey(columns.get(0)) && values.containsKey(TEXT)) {
        values.put(columns.get(0), values.get(TEXT));
      }
      SequenceRow made = reader.row(values);
      rows.add(made);
      steps += made.steps();
    }
    if (steps > limits.promptTokens()) {
      throw ApiException.invalid(
          ROWS,
          "The rows have %s steps together, but may have %s."
              .formatted(steps, limits.promptTokens()));
    }
    return rows;
  }

  private Map<String, Object> fields(TaskReader.Answer answer, boolean attention) {
    Map<String, Object> fields = new LinkedHashMap<>(answer.fields());
    if (!answer.tokens().isEmpty()) {
      fields.put("tokens", answer.tokens());
    }
    int classes = answer.labels().size();
    int steps = classes == 0 ? 0 : answer.probabilities().length / classes;
    List<Map<String, Float>> all = new ArrayList<>();
    for (int t = 0; t < steps; t++) {
      Map<String, Float> probabilities = new LinkedHashMap<>();
      for (int c = 0; c < classes; c++) {
        probabilities.put(answer.labels().get(c), answer.probabilities()[t * classes + c]);
      }
      all.add(probabilities);
    }
    if (!all.isEmpty()) {
      boolean ofRow = answer.fields().containsKey("probability");
      fields.put("probabilities", ofRow ? all.get(0) : all);
    }
    if (attention && !answer.written().isEmpty()) {
      fields.put("written", answer.written());
    }
    return fields;
  }
}
