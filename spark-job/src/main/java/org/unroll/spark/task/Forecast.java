// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Measure;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/**
 * Numbers: the next ones of a series, or those of the label column. The steps of a series are read
 * as they are scaled, beside whether they are there at all: a missing number is read as the mean.
 *
 * @param horizon steps that are forecast; 0 for the numbers of the label column
 * @param context steps before them that are read; 0 for all
 * @param season steps after which a series is expected to repeat, for the error's scale; 1 for none
 * @param values numbers of the label column; 0 for those of a series
 */
public record Forecast(int horizon, int context, int season, int values) implements RowTask {
  /** The most numbers that all windows of a series have together. */
  private static final long MOST_NUMBERS = 1L << 26;

  @Override
  public String name() {
    return "forecast";
  }

  @Override
  public LabelKind labelKind() {
    return ofSeries() ? LabelKind.NONE : LabelKind.NUMBERS;
  }

  private boolean ofSeries() {
    return horizon > 0;
  }

  @Override
  public boolean missing() {
    return ofSeries();
  }

  @Override
  public Map<String, Object> settings() {
    return TaskModel.fields(this);
  }

  @Override
  public Map<String, Long> labels(RowSet train) {
    return Map.of();
  }

  /**
   * Returns the windows that end at every step that has a horizon behind it, at least half a
   * context long.
   */
  @Override
  public List<Example> toLearn(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    if (!ofSeries()) {
      return List.of(toScore(row, encoder));
    }
    int last = requireSteps(row);
    int first = context == 0 ? Math.max(1, last / 2) : Math.min(last, context);
    requireFewNumbers(row, encoder, first, last);
    float[] scaled = encoder.scaled(row);
    List<Example> windows = new ArrayList<>();
    for (int end = first; end <= last; end++) {
      Example window = window(row, encoder, scaled, end);
      if (new HeadSpec.Regression(window.values().length, Target.SEQUENCE).learnsFrom(window)) {
        windows.add(window);
      }
    }
    return windows;
  }

  /** Refuses a series that, read from its beginning for each of its ends, has too many numbers. */
  private void requireFewNumbers(SequenceRow row, RowEncoder encoder, int first, int last)
      throws UnusableRowException {
    long steps = (last - first + 1L) * (first + last) / 2;
    if (context == 0 && steps * 2 * encoder.channels() > MOST_NUMBERS) {
      throw new UnusableRowException(
          ("its series of %s steps is too long to be read from its beginning at %s"
                  + " places; read less of it with --context")
              .formatted(row.steps(), last - first + 1));
    }
  }

  /** Returns how many steps are left before the last horizon. */
  private int requireSteps(SequenceRow row) throws UnusableRowException {
    int left = row.steps() - horizon;
    if (left < 1) {
      throw new UnusableRowException(
          "its series has %s, but to forecast %s of them needs more"
              .formatted(Figures.count(row.steps(), "step"), horizon));
    }
    return left;
  }

  /** Returns the last horizon of a series, and what forecasts of it are compared with. */
  @Override
  public Example toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    if (ofSeries()) {
      int end = requireSteps(row);
      return window(row, encoder, encoder.scaled(row), end)
          .withReference(ForecastMetric.reference(row, end, season));
    }
    if (row.targets().length != values) {
      throw new UnusableRowException(
          "its label has " + row.targets().length + " numbers, but there must be " + values);
    }
    return encoder.inputs(row).withValues(row.targets());
  }

  @Override
  public List<String> right(SequenceRow row) {
    int all = row.features().length;
    float[] numbers =
        ofSeries()
            ? Arrays.copyOfRange(row.features(), all - horizon * row.channels(), all)
            : row.targets();
    return List.of(Figures.significant(numbers));
  }

  @Override
  public Example toRead(SequenceRow row, RowEncoder encoder) {
    return ofSeries() ? past(row, encoder, encoder.scaled(row), row.steps()) : encoder.inputs(row);
  }

  private Example window(SequenceRow row, RowEncoder encoder, float[] scaled, int end) {
    int d = encoder.channels();
    float[] truth = Arrays.copyOfRange(scaled, end * d, (end + horizon) * d);
    return past(row, encoder, scaled, end).withValues(truth);
  }

  /** Returns the steps before one, {@code [C, 2 D]}: the numbers, and whether they are there. */
  private Example past(SequenceRow row, RowEncoder encoder, float[] scaled, int end) {
    int d = encoder.channels();
    int from = context == 0 ? 0 : Math.max(0, end - context);
    float[] seen = new float[(end - from) * 2 * d];
    for (int t = from; t < end; t++) {
      for (int c = 0; c < d; c++) {
        float value = scaled[t * d + c];
        boolean there = !Float.isNaN(value);
        seen[(t - from) * 2 * d + c] = there ? value : 0;
        seen[(t - from) * 2 * d + d + c] = there ? 1 : 0;
      }
    }
    return Example.ofFeatures(RowEncoder.name(row), seen, 2 * d);
  }

  @Override
  public HeadSpec head(RowEncoder encoder, NetworkChoice choice) {
    return new HeadSpec.Regression(width(encoder), Target.SEQUENCE);
  }

  private int width(RowEncoder encoder) {
    return ofSeries() ? horizon * encoder.channels() : values;
  }

  @Override
  public Metric metric(RowEncoder encoder) {
    return new Metric.Errors(width(encoder));
  }

  @Override
  public Measure measure() {
    String lossUnit = ofSeries() ? "squared error of scaled numbers" : "squared error";
    return new Measure("rmse", true, lossUnit, "numbers");
  }

  @Override
  public Metric scoring(RowEncoder encoder) {
    return ofSeries() ? new ForecastMetric(horizon, encoder.statistics()) : metric(encoder);
  }

  @Override
  public Findings findings(double[] sums, RowEncoder encoder) {
    return ofSeries()
        ? Findings.of(List.of(ForecastMetric.table(scoring(encoder).figures(sums))))
        : Findings.NONE;
  }

  @Override
  public StructType columns() {
    return new StructType()
        .add("prediction", DataTypes.createArrayType(DataTypes.FloatType, false));
  }

  /** Returns the forecast in the numbers of the series, {@code [H, D]}. */
  @Override
  public Object[] answer(SequenceRow row, Example example, Prediction said, RowEncoder encoder) {
    float[] forecast = said.values().clone();
    if (ofSeries()) {
      encoder.statistics().unscale(forecast);
    }
    return new Object[] {forecast};
  }
}
