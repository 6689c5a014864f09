// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Vocabulary;

/** The stream of a prepared corpus: workers read its shards while they train. */
public final class StreamCorpus implements TokenCorpus {
  private static final int HASH_BYTES = 8;

  private final PreparedCorpus corpus;
  private final Broadcast<ShardTable> shards;

  /**
   * Makes a corpus known to the workers; nothing of its shards is read yet.
   *
   * @param corpus a stream
   */
  public StreamCorpus(SparkSession session, PreparedCorpus corpus) {
    this.corpus = corpus;
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    shards = spark.broadcast(new ShardTable(corpus, spark.hadoopConfiguration()));
  }

  @Override
  public long tokens() {
    return corpus.tokens();
  }

  /** The ids depend on the vocabulary as well. */
  @Override
  public String hash() {
    MessageDigest digest = SourceHash.digest();
    try (DigestOutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      corpus.vocabulary().write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String vocabulary = HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES);
    return corpus.hash() + "-" + vocabulary;
  }

  /** The vocabulary must have the ids of the corpus' own. */
  @Override
  public TokenSource source(Vocabulary vocabulary, long from, long to) {
    TokenRange.requireWithin(this, from, to);
    return new PreparedSource(shards, from, to);
  }

  /** Classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {ShardTable.class, PreparedSource.class};
  }
}
