// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.nn.CellType;

/** How cells are written in cases. */
final class CellWords {
  private static final Map<String, CellType> CELLS = new LinkedHashMap<>();

  static {
    CELLS.put("lstm", CellType.LSTM);
    CELLS.put("gru", CellType.GRU);
    CELLS.put("rnn", CellType.RNN_TANH);
    CELLS.put("rnn-relu", CellType.RNN_RELU);
  }

  private CellWords() {}

  /**
   * Reads a cell.
   *
   * @param text of the case, for the message
   * @throws InputException if it is none
   */
  static CellType parse(String word, String text) {
    CellType cell = CELLS.get(word);
    if (cell == null) {
      throw new InputException(
          "Case '"
              + text
              + "' has the cell '"
              + word
              + "', which is none of "
              + String.join(", ", CELLS.keySet())
              + ".");
    }
    return cell;
  }

  /** The cell as {@link #parse} reads it. */
  static String text(CellType cell) {
    return CELLS.entrySet().stream()
        .filter(entry -> entry.getValue() == cell)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }
}
