// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.List;
import java.util.Map;
import org.unroll.rnn.train.EpochMetrics;

/**
 * The content of a model's page {@code report.html}.
 *
 * @param running whether the training goes on, so that a browser looks for newer pages
 * @param measure by what the training is measured
 * @param title what was learnt
 * @param summary the network and the data in a sentence
 * @param figures the numbers to remember
 * @param epochs the course of the training, at least one
 * @param bestEpoch the one whose parameters were kept, from 1
 * @param samples what the model writes without being asked
 * @param examples of its answers
 * @param findings of its last evaluation
 * @param configuration what was asked for, by option
 * @param provenance where the model comes from
 * @param command what to type to train it again
 */
public record Report(
    boolean running,
    Measure measure,
    String title,
    String summary,
    List<Figure> figures,
    List<EpochMetrics> epochs,
    int bestEpoch,
    List<Sample> samples,
    List<Example> examples,
    Findings findings,
    Map<String, String> configuration,
    Map<String, String> provenance,
    String command) {

  /** A number with what it means. */
  public record Figure(String value, String meaning) {
    /**
     * Returns what a training took.
     *
     * @param rate of what is counted, in a second
     * @param counted what that is, such as tokens
     * @param seconds in all
     * @param bytes of memory, in the process that needed most
     */
    public static List<Figure> costs(double rate, String counted, double seconds, long bytes) {
      return List.of(
          new Figure(Figures.rate(rate), counted + " per second"),
          new Figure(Figures.duration(seconds), "time, all in all"),
          new Figure(Figures.bytes(bytes), "memory, largest process"));
    }
  }

  /**
   * Results in rows.
   *
   * @param columns their names
   * @param rows a text for every column
   */
  public record Table(String heading, List<String> columns, List<List<String>> rows) {}

  /**
   * Text that the model wrote.
   *
   * @param caption how it was drawn
   * @param text as it was written
   */
  public record Sample(String caption, String text) {}

  /**
   * What the model answers to a row that was held out.
   *
   * @param caption what is said of it; empty for nothing
   * @param read the row, in words
   * @param said the answer
   * @param right what is right: one text, or several that are equally so
   * @param hit whether the answer is one of them
   * @param attention what it looked at while it wrote, or null
   */
  public record Example(
      String caption,
      String read,
      String said,
      List<String> right,
      boolean hit,
      Attention attention) {
    /** Returns the same example without what was looked at. */
    public Example withoutAttention() {
      return new Example(caption, read, said, right, hit, null);
    }

    /** Returns the same example with something said of it. */
    public Example captioned(String words) {
      return new Example(words, read, said, right, hit, attention);
    }
  }

  /**
   * How much a decoder looked at what was read, at each token that it wrote.
   *
   * @param read a name for each of S steps
   * @param written a name for each of T tokens
   * @param weights {@code [T, S]}, those of a token adding up to 1
   */
  public record Attention(List<String> read, List<String> written, float[][] weights) {
    /** The name of what ends an answer. */
    public static final String END = "(end)";

    /** Returns it as a picture: a row for each token that was written. */
    HeatMap map() {
      return new HeatMap(
          "Attention: what was written, row by row, against what was read",
          written,
          read,
          weights,
          1);
    }
  }
}
