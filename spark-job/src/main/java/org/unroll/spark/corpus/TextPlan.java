// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.unroll.rnn.data.Slicer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.train.Split;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.DocumentReader;
import org.unroll.spark.rows.Documents;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.rows.RowHash;

/**
 * A text plan is all that a task needs to go through an input chunk by chunk, token by token.
 *
 * @param reader opens documents
 * @param tokenizer finds tokens in them
 * @param counted whether words and documents are to be counted: then their hashes are kept, and of
 *     byte pairs the words that they are learnt from instead of the pairs
 * @param held what divides the documents into sides; null for one side of all
 * @param split the side that is read
 */
@DefaultSerializer(JavaSerializer.class)
record TextPlan(
    DocumentReader reader, Tokenizer tokenizer, boolean counted, HoldOut held, Split split)
    implements Serializable {
  /** A plan of all documents. */
  TextPlan(DocumentReader reader, Tokenizer tokenizer, boolean counted) {
    this(reader, tokenizer, counted, null, null);
  }

  ChunkTable table() {
    return reader.table();
  }

  /** Returns ranges of chunks, one for each task; a task of nothing if there are no chunks. */
  JavaRDD<int[]> ranges(JavaSparkContext spark) {
    int[] starts = table().tasks();
    List<int[]> ranges = new ArrayList<>();
    for (int i = 0; i + 1 < starts.length; i++) {
      ranges.add(new int[] {starts[i], starts[i + 1]});
    }
    return spark.parallelize(ranges, Math.max(1, ranges.size()));
  }

  /**
   * A cursor goes through the documents of a chunk. The ends of lines are tokens, newlines or
   * {@link org.unroll.rnn.data.Vocabulary#EOS}.
   */
  static final class Cursor implements Closeable {
    private final Documents documents;
    private final Slicer slicer;
    private final boolean endsLines;
    private final ChunkCounts.Counter counter;
    private final MessageDigest digest = RowHash.digest();

    /** Opens a chunk, whose text a counter will see. */
    Cursor(TextPlan plan, int chunk, ChunkCounts.Counter counter) throws IOException {
      this.slicer = plan.tokenizer.slicer();
      this.endsLines = plan.tokenizer.endsLines();
      this.counter = counter;
      Documents all = plan.reader.open(chunk, slicer, digest);
      this.documents = plan.held == null ? all : plan.held.part(all, plan.split);
    }

    /** Goes on by a line or a piece of one; returns false at the end. */
    boolean advance() throws IOException {
      if (!documents.next()) {
        return false;
      }
      byte[] text = documents.text();
      int from = documents.from();
      int to = documents.to();
      counter.piece(text, from, to);
      if (endsLines) {
        slicer.cut(text, from, to, counter);
        if (documents.lineEnded()) {
          counter.lineEnd();
        }
      } else {
        slicer.cut(text, from, documents.newline() ? to + 1 : to, counter);
      }
      if (documents.ended()) {
        counter.documentEnd();
      }
      return true;
    }

    Documents documents() {
      return documents;
    }

    /** Returns the digest of all that was read; to be called once, at the end. */
    byte[] digest() {
      return digest.digest();
    }

    @Override
    public void close() throws IOException {
      documents.close();
    }
  }
}
