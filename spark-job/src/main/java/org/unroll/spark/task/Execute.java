// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Example;
import org.unroll.spark.report.Measure;
import org.unroll.spark.rows.SequenceRow;

/**
 * What a program prints, character by character (Zaremba and Sutskever 2014, "Learning to
 * Execute").
 *
 * @param doubleInput whether a program is read twice, one time behind the other
 * @param form what it is told of rows and answers
 */
public record Execute(boolean doubleInput, Form form) implements Writing {

  /**
   * The settings that a model remembers of the task.
   *
   * @param doubleInput whether a program is read twice
   */
  record Settings(boolean doubleInput) {}

  @Override
  public String name() {
    return "execute";
  }

  @Override
  public String purpose() {
    return "execute the programs of";
  }

  @Override
  public Writing with(Form other) {
    return new Execute(doubleInput, other);
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("double_input", doubleInput);
  }

  @Override
  public Measure measure() {
    return new Measure(accuracyName(), false, "nats per character", "characters");
  }

  @Override
  public String accuracyName() {
    return "character_accuracy";
  }

  @Override
  public List<AnswerMetric.Kind> kinds() {
    return List.of(AnswerMetric.Kind.EXACT);
  }

  @Override
  public Example toRead(SequenceRow row, RowEncoder encoder) {
    return encoder.inputs(doubleInput ? row.withTokens(twice(row.tokens())) : row);
  }

  private static String[][] twice(String[]... columns) {
    String[][] all = new String[columns.length][];
    for (int c = 0; c < all.length; c++) {
      int once = columns[c].length;
      all[c] = Arrays.copyOf(columns[c], 2 * once);
      System.arraycopy(columns[c], 0, all[c], once, once);
    }
    return all;
  }
}
