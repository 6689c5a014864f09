// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The columns that make documents of rows.
 *
 * @param text its name
 * @param label likewise, or null
 * @param id likewise, or null
 */
public record DocumentColumns(String text, String label, String id) implements Serializable {

  /** The columns to read, the text first. */
  public List<String> wanted() {
    return Stream.of(text, label, id).filter(Objects::nonNull).toList();
  }

  int labelIndex() {
    return 1;
  }

  int idIndex() {
    return label == null ? 1 : 2;
  }
}
