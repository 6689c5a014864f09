// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.InputProblems;

/**
 * How tokens become ids, and where they are.
 *
 * @param vocabulary the ids
 * @param firstToken the corpus position of each chunk's first token, and the number of all tokens
 */
@DefaultSerializer(JavaSerializer.class)
record Encoding(Vocabulary vocabulary, long[] firstToken) implements Serializable {

  /**
   * Ids of the tokens {@code [from, to)}, read from the chunks that hold them.
   *
   * @throws InputException if a token has no id, or the files are not what they were when they were
   *     counted
   */
  int[] read(CorpusReader reader, long from, long to) {
    int[] ids = new int[Math.toIntExact(to - from)];
    int filled = 0;
    try {
      while (filled < ids.length) {
        filled +=
            readChunk(reader, Starts.find(firstToken, from + filled), from + filled, ids, filled);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ids;
  }

  private int readChunk(CorpusReader reader, int chunk, long from, int[] ids, int filled)
      throws IOException {
    int count = (int) Math.min(firstToken[chunk + 1] - from, ids.length - filled);
    IdWriter writer = new IdWriter(from - firstToken[chunk], count, ids, filled);
    try (ChunkTokens tokens = reader.open(chunk)) {
      boolean more = true;
      while (more && writer.position < writer.end) {
        more = tokens.advance(writer);
      }
      if (writer.position < writer.end) {
        throw InputProblems.changed(tokens.chunk(), "has other text than when the run began");
      }
    } catch (UnknownTokenException e) {
      throw e.asProblem(reader, chunk);
    }
    return count;
  }

  /** Takes the tokens {@code [start, end)} of a chunk. */
  private final class IdWriter implements Consumer<String> {
    private final long start;
    private final long end;
    private final int[] ids;
    private int next;
    private long position;

    IdWriter(long start, int count, int[] ids, int next) {
      this.start = start;
      this.end = start + count;
      this.ids = ids;
      this.next = next;
    }

    @Override
    public void accept(String token) {
      if (position >= start && position < end) {
        ids[next++] = UnknownTokenException.id(vocabulary, token, position);
      }
      position++;
    }
  }
}
