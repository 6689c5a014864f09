// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

/**
 * A row as its format has it.
 *
 * @param position orders the rows of a file: the byte of its text where the row begins, or the
 *     number of the row where a file has no lines
 * @param values by column: null, {@code String}, {@code Number}, {@code Boolean}, {@code List} of
 *     those or of such lists, {@code String[]} by step, or {@link Frames}
 */
record RawRow(long position, Object[] values) {}
