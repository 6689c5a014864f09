// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.data.BpeLearner;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;

/** An input that has been counted, with the vocabulary to encode it. */
final class TokenizedText implements AutoCloseable {
  /** Words that byte pairs are learnt from at most: the driver holds them. */
  private static final int MOST_BPE_WORDS = 1 << 18;

  private final JavaSparkContext spark;
  private final Tokenizer tokenizer;
  private final Vocabulary vocabulary;
  private final CountJob.Counts counts;
  private final Broadcast<TextPlan> plan;
  private final Broadcast<TokenIds> ids;
  private final TopTokens words;

  private TokenizedText(
      JavaSparkContext spark,
      Tokenizer tokenizer,
      Vocabulary vocabulary,
      CountJob.Counts counts,
      Broadcast<TextPlan> plan,
      Broadcast<TokenIds> ids,
      TopTokens words) {
    this.spark = spark;
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.counts = counts;
    this.plan = plan;
    this.ids = ids;
    this.words = words;
  }

  /** Counts an input and chooses or learns its vocabulary. */
  static TokenizedText learn(
      JavaSparkContext spark, InputChoice input, PrepareRequest request, Consumer<String> status) {
    status.accept("counting");
    boolean bpe = request.unit().equals(BpeTokenizer.NAME);
    Tokenizer tokenizer = bpe ? BpeTokenizer.bytes() : Tokenizer.of(request.unit());
    Broadcast<TextPlan> plan =
        spark.broadcast(new TextPlan(input.reader(), tokenizer, request.kind()));
    int most = request.vocabularySize() == 0 ? Integer.MAX_VALUE : request.vocabularySize();
    CountJob.Counts counts =
        new CountJob(spark, plan)
            .countTokens(bpe ? MOST_BPE_WORDS : most, bpe ? 1 : request.minCount());
    if (bpe) {
      status.accept("learning byte pairs");
      tokenizer =
          BpeLearner.learn(counts.top().toTable(), counts.top().counts(), request.vocabularySize());
      return encode(spark, plan, tokenizer, null, counts.top(), status);
    }
    Vocabulary vocabulary = choose(tokenizer, request, counts);
    Broadcast<TokenIds> ids = spark.broadcast(new TokenIds(tokenizer, vocabulary));
    return new TokenizedText(spark, tokenizer, vocabulary, counts, plan, ids, counts.top());
  }

  private static Vocabulary choose(
      Tokenizer tokenizer, PrepareRequest request, CountJob.Counts counts) {
    Map<String, Long> best = counts.top().toMap();
    long lineEnds = counts.chunks().stream().mapToLong(ChunkCounts::lineEnds).sum();
    if (lineEnds > 0) {
      best.merge(Vocabulary.EOS, lineEnds, Long::sum);
    }
    return new VocabularyChoice(
            tokenizer.name(), request.vocabularySize(), request.minCount(), false)
        .among(best, counts.tokens());
  }

  /** Counts an input whose vocabulary is given. */
  static TokenizedText encode(
      JavaSparkContext spark,
      InputChoice input,
      Tokenizer tokenizer,
      Vocabulary vocabulary,
      PrepareRequest request,
      Consumer<String> status) {
    Broadcast<TextPlan> plan =
        spark.broadcast(new TextPlan(input.reader(), tokenizer, request.kind()));
    status.accept("counting");
    TopTokens words = new CountJob(spark, plan).countTokens(0, 1).top();
    return encode(spark, plan, tokenizer, vocabulary, words, status);
  }

  private static TokenizedText encode(
      JavaSparkContext spark,
      Broadcast<TextPlan> counted,
      Tokenizer tokenizer,
      Vocabulary given,
      TopTokens words,
      Consumer<String> status) {
    status.accept("counting tokens");
    TextPlan text = counted.value();
    counted.destroy();
    Broadcast<TextPlan> plan = spark.broadcast(new TextPlan(text.reader(), tokenizer, text.kind()));
    Vocabulary vocabulary = given;
    if (vocabulary == null) {
      BpeTokenizer bytePairs = (BpeTokenizer) tokenizer;
      vocabulary = bytePairs.vocabulary(new long[bytePairs.size()]);
    }
    Broadcast<TokenIds> ids = spark.broadcast(new TokenIds(tokenizer, vocabulary));
    CountJob.Counts counts = new CountJob(spark, plan).countIds(ids);
    if (given == null) {
      vocabulary = ((BpeTokenizer) tokenizer).vocabulary(counts.ids());
    }
    return new TokenizedText(spark, tokenizer, vocabulary, counts, plan, ids, words);
  }

  CountJob.Counts counts() {
    return counts;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Writes the text as a stream; see {@link StreamEncoding}. */
  ShardFolder.Written writeStream(ShardFolder folder, int firstFile, long firstToken) {
    return StreamEncoding.write(spark, plan, ids, folder, counts.chunks(), firstFile, firstToken);
  }

  /** Writes the text as documents; see {@link DocumentEncoding}. */
  ShardFolder.Written writeDocuments(ShardFolder folder, DocumentEncoding.Start start) {
    return DocumentEncoding.write(spark, plan, ids, folder, counts.chunks(), start);
  }

  /** Returns what the text is like, of which so many tokens are not in the vocabulary. */
  CorpusStatistics statistics(long unknown) {
    long documents = 0;
    long notEmpty = 0;
    long invalidBytes = 0;
    long emptyRows = 0;
    long badRows = 0;
    long bytes = 0;
    LengthHistogram lengths = new LengthHistogram();
    for (ChunkCounts chunk : counts.chunks()) {
      documents += chunk.documents();
      notEmpty += chunk.notEmpty();
      invalidBytes += chunk.invalidBytes();
      emptyRows += chunk.emptyRows();
      badRows += chunk.badRows();
      bytes += chunk.bytes();
      LengthHistogram.Sparse bins = chunk.lengths();
      for (int i = 0; i < bins.size(); i++) {
        lengths.addBin(bins.bin(i), bins.documents(i));
      }
    }
    return new CorpusStatistics(
        documents,
        counts.tokens(),
        types(),
        unknown,
        notEmpty - words.distinctDocuments(),
        invalidBytes,
        emptyRows,
        badRows,
        bytes,
        lengths);
  }

  /** The end of a line is a token too, unless the text itself has it. */
  private long types() {
    boolean ends = counts.chunks().stream().anyMatch(chunk -> chunk.lineEnds() > 0);
    return words.types() + (ends && !words.has(Vocabulary.EOS) ? 1 : 0);
  }

  @Override
  public void close() {
    plan.destroy();
    ids.destroy();
  }
}
