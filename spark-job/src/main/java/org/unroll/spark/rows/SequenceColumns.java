// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The columns that rows are made of.
 *
 * @param text columns of tokens
 * @param features columns of numbers
 * @param label null for none
 * @param id null for none
 * @param labelKind what is taken from the label column
 * @param missing whether numbers may be missing
 */
record SequenceColumns(
    List<String> text,
    List<String> features,
    String label,
    String id,
    LabelKind labelKind,
    boolean missing)
    implements Serializable {

  /** All of them. */
  List<String> names() {
    List<String> names = new ArrayList<>(text);
    names.addAll(features);
    if (label != null) {
      names.add(label);
    }
    if (id != null) {
      names.add(id);
    }
    return names.stream().distinct().toList();
  }
}
