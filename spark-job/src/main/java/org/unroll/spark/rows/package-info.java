// SPDX-License-Identifier: Apache-2.0
/**
 * Rows: the records of the user's data, as every command reads them.
 *
 * <p>Files of any format go through one reader. A format gives raw records with their place; the
 * assembler makes a row of each, or says what is wrong with it. A {@link
 * org.unroll.spark.rows.RowSet} reads a source once and keeps what it found for all that follows;
 * {@link org.unroll.spark.rows.DocumentReader} hands on the text of the same records as bytes.
 *
 * <pre>
 *  paths -- InputListing --> ChunkTable        which files, cut into chunks
 *                               |
 *        ChunkFiles, Unpacking  |  bytes of a chunk
 *                               v
 *   TableHead ----------> TableReader          format, columns, header
 *                               |
 *     LineRows  CsvRows  SentenceRows  ParquetRows      a record and its place
 *                               |
 *              +----------------+----------------+
 *              v                                 v
 *        RowAssembler                      DocumentReader <-- Utf8Lines of plain text
 *              v                                 v
 *   FileRows : RowSource                     Documents
 *              v
 *           RowSet                             checked, counted, kept
 * </pre>
 *
 * <p>Other packages may bring a {@link org.unroll.spark.rows.RowSource} of their own. This one uses
 * the file systems of {@code store} and nothing else of this module.
 */
package org.unroll.spark.rows;
