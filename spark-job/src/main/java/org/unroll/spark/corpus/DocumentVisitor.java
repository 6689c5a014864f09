// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import org.unroll.rnn.data.Slicer;
import org.unroll.spark.rows.Documents;

/** Takes what a {@link ChunkCursor} comes by. */
interface DocumentVisitor extends Slicer.Sink {
  /** The end of a line that is a token. */
  void lineEnd();

  /** The end of a piece of text, behind all its slices. */
  void piece(byte[] text, int from, int to);

  /** The end of a document. */
  void documentEnd(Documents documents) throws IOException;
}
