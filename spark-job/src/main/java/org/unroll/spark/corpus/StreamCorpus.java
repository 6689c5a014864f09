// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.rnn.data.TokenRun;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.rows.RowHash;

/** The stream of a prepared corpus: workers read its shards while they train. */
public final class StreamCorpus implements TokenCorpus {
  private static final int HASH_BYTES = 8;

  private final PreparedCorpus corpus;
  private final Broadcast<Table> shards;

  /**
   * Makes a corpus known to the workers; nothing of its shards is read yet.
   *
   * @param corpus a stream
   */
  public StreamCorpus(SparkSession session, PreparedCorpus corpus) {
    this.corpus = corpus;
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    shards = spark.broadcast(new Table(corpus, spark.hadoopConfiguration()));
  }

  @Override
  public long tokens() {
    return corpus.tokens();
  }

  /** Returns a hash of the text and of the vocabulary, on which the ids depend as well. */
  @Override
  public String hash() {
    MessageDigest digest = RowHash.digest();
    ContentHash.update(digest, corpus.vocabulary());
    String vocabulary = HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES);
    return corpus.description().hash() + "-" + vocabulary;
  }

  /** Returns what was counted when the corpus was prepared; the vocabulary must be its own. */
  @Override
  public long unknown(Vocabulary vocabulary) {
    return corpus.description().statistics().unknown();
  }

  /** Returns tokens; the vocabulary must have the ids of the corpus' own. */
  @Override
  public TokenSource source(Vocabulary vocabulary, long from, long to) {
    TokenSource.requireWithin(from, to, tokens(), "the corpus");
    return new Source(shards, from, to);
  }

  /** Returns the classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {Table.class, Source.class};
  }

  /**
   * A run of the corpus' tokens, of which workers hold a little of every row of a batch. The table
   * of files is broadcast, so that this stays small.
   */
  @DefaultSerializer(JavaSerializer.class)
  private record Source(Broadcast<Table> shards, long first, long end) implements TokenSource {
    /**
     * The bytes that reading a page takes beside the ids: it packed, unpacked, and a dictionary.
     */
    private static final long PAGE_BYTES = 4 << 20;

    @Override
    public long tokens() {
      return end - first;
    }

    @Override
    public int[] read(long from, long to) {
      int[] ids = new int[length(from, to)];
      shards.value().read(first + from, ids.length, ids);
      return ids;
    }

    @Override
    public TokenRun open(long from, long to, int pieceTokens) {
      TokenSource.requireWithin(from, to, tokens(), "this source");
      return new Run(shards.value(), first + from, to - from, pieceTokens);
    }

    @Override
    public long bytes(long tokens, int rows, int pieceTokens) {
      return PAGE_BYTES + Math.min(2L * Integer.BYTES * pieceTokens * rows, Integer.BYTES * tokens);
    }
  }

  private record Run(Table shards, long first, long tokens, int pieceTokens) implements TokenRun {
    @Override
    public TokenRun.Cursor cursor(long from, long to) {
      return new TokensAhead(shards, first, from, to, pieceTokens);
    }
  }

  /** Knows which file holds which tokens of the corpus. It takes memory by file. */
  @DefaultSerializer(JavaSerializer.class)
  static final class Table implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String[] paths;
    private final long[] bytes;

    /** The corpus position of each file's first token, and the number of all tokens. */
    private final long[] first;

    private final SerializableConfiguration conf;

    private Table(PreparedCorpus corpus, Configuration conf) {
      List<Shard> shards = corpus.shards();
      paths = new String[shards.size()];
      bytes = new long[shards.size()];
      first = new long[shards.size() + 1];
      for (int f = 0; f < paths.length; f++) {
        Shard shard = shards.get(f);
        paths[f] = corpus.file(shard).toString();
        bytes[f] = shard.bytes();
        first[f] = shard.first();
      }
      first[paths.length] = corpus.tokens();
      this.conf = new SerializableConfiguration(conf);
    }

    /**
     * Reads the ids of the tokens {@code [from, from + count)} from the files that hold them.
     *
     * @param into gets them, from its beginning on
     * @throws org.unroll.rnn.io.InputException if a file is gone, or is not what was prepared
     */
    void read(long from, int count, int[] into) {
      int filled = 0;
      try {
        while (filled < count) {
          long at = from + filled;
          int file = TokenCorpus.partOf(first, at);
          int some = (int) Math.min(first[file + 1] - at, count - filled);
          try (TokenShardReader reader =
              new TokenShardReader(paths[file], bytes[file], first[file], conf.value())) {
            reader.read(at - first[file], some, into, filled);
          }
          filled += some;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /**
     * Returns where a piece of at most so many tokens had best end that begins at a position: with
     * a file, or where none is in two of a file's rows.
     */
    long pieceEnd(long position, int most) {
      int file = TokenCorpus.partOf(first, position);
      long left = most - (position - first[file]) % most;
      return Math.min(first[file + 1], position + left);
    }
  }
}
