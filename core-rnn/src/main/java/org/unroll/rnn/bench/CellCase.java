// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.nn.CellType;

/**
 * A network whose training steps are measured: a language model with an embedding as wide as its
 * layers, biases and no dropout.
 *
 * @param name what people call it
 * @param cell the recurrent cell
 * @param layers L, the number of recurrent layers
 * @param hidden H, the width of the layers and of the embedding
 * @param vocabulary V, the number of token ids
 * @param batch B, sequences side by side
 * @param window T, steps of backpropagation through time
 */
public record CellCase(
    String name, CellType cell, int layers, int hidden, int vocabulary, int batch, int window)
    implements TrainingCase {

  /** How a case of one's own is written. */
  public static final String SYNTAX = "NAME=CELL:LAYERSxHIDDEN:VOCABULARY:BATCH:WINDOW";

  /** How {@link #SYNTAX} looks when it is filled in. */
  public static final String EXAMPLE = "mine=gru:1x256:5000:32:40";

  /** The cases of which the project keeps figures. */
  public static final List<CellCase> STANDARD =
      List.of(
          new CellCase("char128", CellType.LSTM, 2, 128, 65, 50, 50),
          new CellCase("char512", CellType.LSTM, 2, 512, 65, 100, 50),
          new CellCase("char512-gru", CellType.GRU, 2, 512, 65, 100, 50),
          new CellCase("char512-elman", CellType.RNN_TANH, 2, 512, 65, 100, 50),
          new CellCase("ptb-small", CellType.LSTM, 2, 200, 10_000, 20, 20),
          new CellCase("ptb-medium", CellType.LSTM, 2, 650, 10_000, 20, 35));

  private static final Pattern FORM =
      Pattern.compile(
          "([\\w.-]+)=([\\w-]+):([1-9]\\d{0,8})x([1-9]\\d{0,8}):([1-9]\\d{0,8}):([1-9]\\d{0,8})"
              + ":([1-9]\\d{0,8})");

  /**
   * Reads a case written as {@link #SYNTAX}.
   *
   * @throws InputException if it is none
   */
  public static CellCase parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new InputException(
          "'" + text + "' is no case: write " + SYNTAX + ", as in " + EXAMPLE + ".");
    }
    return new CellCase(
        form.group(1),
        CellWords.parse(form.group(2), text),
        Integer.parseInt(form.group(3)),
        Integer.parseInt(form.group(4)),
        Integer.parseInt(form.group(5)),
        Integer.parseInt(form.group(6)),
        Integer.parseInt(form.group(7)));
  }

  /** The case as {@link #parse} reads it. */
  public String text() {
    return "%s=%s:%dx%d:%d:%d:%d"
        .formatted(name, CellWords.text(cell), layers, hidden, vocabulary, batch, window);
  }

  @Override
  public CellCase half() {
    return new CellCase(
        name + "-half", cell, layers, hidden, vocabulary, Math.max(1, batch / 2), window);
  }

  /** Tokens of a training step. */
  public int tokens() {
    return Math.multiplyExact(batch, window);
  }

  /**
   * Floating-point operations that a token takes in a training step, counting the matrix products
   * alone: one forward and two backward, each 2 operations for every weight.
   */
  public double flopsPerToken() {
    double perLayer = 2.0 * cell.gates() * hidden * hidden;
    return 6 * (layers * perLayer + (double) hidden * vocabulary);
  }

  /** The network. */
  ModelSpec model() {
    return new ModelSpec(vocabulary, hidden, cell, layers, hidden, true, 0, false, false);
  }

  /** One step. */
  @Override
  public Work work(int threads, long seed) {
    String request = "cell " + text() + " " + threads + " " + seed;
    return new Work(name, 1, tokens(), tokens() * flopsPerToken(), request);
  }
}
