// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.JsonFields;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.store.SavedReader;

/**
 * A model of a reading task that was trained, ready to read rows.
 *
 * @param saved its files
 * @param encoder how rows become numbers
 * @param text columns of tokens
 * @param features columns of numbers
 * @param label column of labels, or null
 * @param splitter for text
 */
public record ReadingModel(
    SavedReader saved,
    RowEncoder encoder,
    List<String> text,
    List<String> features,
    String label,
    TextSplitter splitter) {
  private static final String SOURCE = "config.json of the model";

  /** The task it was trained for. */
  public ReadingTask task() {
    return encoder.task();
  }

  /** D of its numbers; 0 for none. */
  public int channels() {
    return encoder.channels();
  }

  /**
   * The columns of other rows, which are called as those it was trained on unless told otherwise.
   *
   * @param labelled whether labels are read
   */
  public ColumnChoice choice(ColumnChoice told, boolean labelled) {
    boolean asked = !told.text().isEmpty() || !told.features().isEmpty();
    if (asked && told.text().size() != text.size()) {
      throw new InputException(
          "The model reads the tokens of "
              + columns(text)
              + ", but --text names "
              + columns(told.text())
              + ": name as many, in the same order.");
    }
    return new ColumnChoice(
        asked ? told.text() : text,
        asked ? told.features() : features,
        told.label() == null ? label : told.label(),
        told.id(),
        labelled ? task().labelKind() : LabelKind.NONE,
        task().missing());
  }

  private static String columns(List<String> names) {
    return (names.size() == 1 ? "1 column" : names.size() + " columns")
        + (names.isEmpty() ? "" : " (" + String.join(", ", names) + ")");
  }

  /**
   * The same model with or without a look at where the agent is.
   *
   * @param column that says it; null for no look
   * @throws InputException if it is one of states and has no probe
   */
  public ReadingModel probing(String column) {
    if (!(task() instanceof State state)) {
      return this;
    }
    if (column != null && state.probes() == null) {
      throw new InputException(
          "The model has no probe: train it with --probe "
              + column
              + (state.probed() ? " to the end." : "."));
    }
    State look =
        new State(
            state.numeric(),
            column != null,
            state.places(),
            column == null ? null : state.probes());
    return new ReadingModel(saved, encoder.with(look), text, features, column, splitter);
  }

  /** The labels of other rows that it does not know. */
  public UnseenLabels unseenLabels(RowSet data) {
    return UnseenLabels.of(data, encoder);
  }

  /** The same where such labels count as mistakes. */
  public ReadingModel counting(UnseenLabels unseen) {
    return new ReadingModel(
        saved, encoder.withUnseen(unseen.names()), text, features, label, splitter);
  }

  /** What {@code config.json} says of the data, for {@link #of}. */
  static Map<String, Object> fields(
      RowEncoder encoder,
      List<String> text,
      List<String> features,
      String label,
      TextSplitter splitter) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("text", text);
    fields.put("features", features);
    if (label != null) {
      fields.put("label", label);
    }
    fields.put("unit", splitter.unit().name().toLowerCase(Locale.ROOT));
    fields.put("lower_case", splitter.lowerCase());
    fields.put("max_length", encoder.maxLength());
    fields.put("settings", encoder.task().settings());
    fields.put("labels", encoder.labels());
    if (encoder.statistics() != null) {
      fields.put("means", encoder.statistics().means());
      fields.put("deviations", encoder.statistics().deviations());
    }
    return fields;
  }

  /**
   * The model of some files.
   *
   * @throws InputException if they make no sense, naming the field
   */
  public static ReadingModel of(SavedReader saved) {
    JsonFields fields = JsonFields.of(saved.config().data(), SOURCE, "data");
    List<String> text = fields.texts("text");
    List<String> features = fields.texts("features");
    String label = fields.has("label") ? fields.text("label") : null;
    TextSplitter splitter =
        new TextSplitter(
            fields.constant("unit", TextSplitter.Unit.class), fields.bool("lower_case"));
    ReadingTask task = task(saved.config().task(), fields.object("settings"));
    RowEncoder encoder =
        new RowEncoder(
            task,
            saved.vocabularies(),
            saved.characters(),
            fields.texts("labels"),
            fields.has("means") ? statistics(fields) : null,
            fields.integer("max_length"));
    if (task instanceof State state && !saved.probe().isEmpty()) {
      encoder = encoder.with(state.with(Probes.of(saved, state, encoder)));
    }
    return new ReadingModel(saved, encoder, text, features, label, splitter);
  }

  private static ChannelStatistics statistics(JsonFields fields) {
    double[] means = array(fields.numbers("means"));
    double[] deviations = array(fields.numbers("deviations"));
    long[] counts = new long[means.length];
    Arrays.fill(counts, 1);
    return new ChannelStatistics(counts, means, deviations);
  }

  private static double[] array(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static ReadingTask task(String name, JsonFields settings) {
    return switch (name) {
      case "classify" -> new Classify();
      case "tag" -> new Tag(settings.bool("spans"));
      case "recognise" -> new Recognise();
      case "state" ->
          new State(
              settings.bool("numeric"), settings.bool("probed"), settings.texts("places"), null);
      case "forecast" ->
          new Forecast(
              settings.integer("horizon"),
              settings.integer("context"),
              settings.integer("season"),
              settings.integer("values"));
      default ->
          throw new InputException(
              SOURCE
                  + ": the task "
                  + name
                  + " is unknown: use the program that wrote it, or a newer one");
    };
  }
}
