// SPDX-License-Identifier: Apache-2.0
/**
 * Labelled sequences and tables as inputs: one description of files, formats and columns, whoever
 * reads them. A format's reader gives {@link org.unroll.spark.data.sequence.RawRow}s with their
 * place, and {@link org.unroll.spark.data.sequence.RowAssembler} makes {@link
 * org.unroll.spark.data.sequence.SequenceRow}s of them.
 */
package org.unroll.spark.rows;
