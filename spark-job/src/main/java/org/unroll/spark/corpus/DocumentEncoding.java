// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaPairRDD;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.rows.BadRow;
import org.unroll.spark.rows.RowHash;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;
import scala.Tuple2;

/**
 * Rows on their way to a prepared corpus: counted, encoded and written whole, in their order, on
 * Spark.
 */
final class DocumentEncoding {
  /** The most rows of a file. */
  private static final int FILE_ROWS = 1 << 16;

  private final RowSet rows;
  private final JavaPairRDD<Long, SequenceRow> numbered;
  private final JavaPairRDD<String, Long> tokens;

  /** Takes rows whose texts are cut. */
  DocumentEncoding(RowSet rows) {
    this.rows = rows;
    this.numbered = rows.numbered();
    this.tokens =
        numbered
            .values()
            .flatMap(row -> Stream.of(row.tokens()).flatMap(Stream::of).iterator())
            .mapToPair(token -> new Tuple2<>(token, 1L))
            .reduceByKey(Long::sum);
  }

  /** Returns the tokens of a text; lines do not end in documents. */
  static List<String> tokens(Tokenizer tokenizer, String text) {
    List<String> tokens = new ArrayList<>();
    tokenizer.tokenize(text, tokens::add);
    tokens.removeIf(Vocabulary.EOS::equals);
    return tokens;
  }

  /** Returns how many different tokens all columns have. */
  long types() {
    return tokens.count();
  }

  /**
   * Chooses the vocabulary, in which there is {@code <unk>}.
   *
   * @param pairs which have their own; null for other tokens
   */
  Vocabulary vocabulary(BytePairs pairs, PrepareRequest request) {
    if (pairs != null && pairs.source() != null) {
      return pairs.source();
    }
    if (rows.columns().text().isEmpty()) {
      return Vocabulary.of(List.of(new Vocabulary.Entry(Vocabulary.UNK, 0)));
    }
    long total = tokens.values().fold(0L, Long::sum);
    // Of all tokenizers, that of characters alone has no end of line among its tokens.
    return new VocabularyChoice("char", request.vocabularySize(), request.minCount(), true)
        .from(tokens, total);
  }

  /** Returns how many rows have the same content as another one before them. */
  long duplicates() {
    return rows.count() - numbered.values().map(RowHash::content).distinct().count();
  }

  /**
   * What was written, of one partition or of all.
   *
   * @param shards in their order
   * @param unknown tokens without an id of their own
   * @param lengths of the rows, in steps
   * @param stranger the first row with a token that has no id, or null; then nothing else counts
   */
  @DefaultSerializer(JavaSerializer.class)
  record Written(List<Shard> shards, long unknown, LengthHistogram lengths, BadRow stranger)
      implements Serializable {
    /** Returns the tokens of all columns. */
    long tokens() {
      return shards.stream().mapToLong(Shard::tokens).sum();
    }
  }

  /**
   * Writes the rows behind those of a corpus.
   *
   * @param before the corpus, or null
   * @throws InputException if a token has no id
   */
  Written write(ShardFolder folder, Vocabulary vocabulary, PreparedCorpus before) {
    long[] counts = rows.partitionRows();
    int[] files = new int[counts.length + 1];
    files[0] = before == null ? 0 : before.shards().size();
    for (int p = 0; p < counts.length; p++) {
      files[p + 1] = Math.toIntExact(files[p] + (counts[p] + FILE_ROWS - 1) / FILE_ROWS);
    }
    int firstSource = before == null ? 0 : before.description().sources().size();
    long firstRow = before == null ? 0 : before.description().statistics().documents();
    List<Vocabulary> vocabularies = Collections.nCopies(rows.columns().text().size(), vocabulary);
    LengthHistogram lengths = new LengthHistogram();
    List<Shard> shards = new ArrayList<>();
    long unknown = 0;
    long first = before == null ? 0 : before.tokens();
    for (Written one :
        numbered
            .mapPartitionsWithIndex(
                (p, own) ->
                    List.of(write(folder, files[p], firstSource, firstRow, vocabularies, own))
                        .iterator(),
                true)
            .collect()) {
      if (one.stranger != null) {
        throw new InputException(
            ("The row in %s has a token that the corpus does not know: %s. Prepare all rows at"
                    + " once with --overwrite, or choose the vocabulary with --min-count 2 or"
                    + " --vocab-size, which gives it <unk>.")
                .formatted(rows.where(one.stranger.key()), one.stranger.reason()));
      }
      for (Shard shard : one.shards) {
        shards.add(
            new Shard(shard.file(), first, shard.tokens(), shard.documents(), shard.bytes()));
        first += shard.tokens();
      }
      unknown += one.unknown;
      lengths.add(one.lengths);
    }
    return new Written(shards, unknown, lengths, null);
  }

  private static Written write(
      ShardFolder folder,
      int firstFile,
      int firstSource,
      long firstRow,
      List<Vocabulary> vocabularies,
      Iterator<Tuple2<Long, SequenceRow>> rows)
      throws IOException {
    List<Shard> shards = new ArrayList<>();
    LengthHistogram lengths = new LengthHistogram();
    long unknown = 0;
    while (rows.hasNext()) {
      int file = firstFile + shards.size();
      long tokens = 0;
      int count = 0;
      try (ShardFile<EncodedRow> writer =
          EncodedRow.shard(folder.file(file), folder.conf(), vocabularies.size())) {
        for (; count < FILE_ROWS && rows.hasNext(); count++) {
          Tuple2<Long, SequenceRow> next = rows.next();
          String stranger = strangerOrNull(next._2(), vocabularies);
          if (stranger != null) {
            return new Written(shards, 0, lengths, new BadRow(next._2().key(), stranger));
          }
          SequenceRow row = next._2().at(firstSource, firstRow + next._1());
          EncodedRow encoded = EncodedRow.of(row, vocabularies);
          writer.write(encoded);
          tokens += encoded.tokenCount();
          unknown += encoded.unknownCount();
          lengths.add(row.steps(), 1);
        }
        shards.add(new Shard(ShardFolder.name(file), 0, tokens, count, writer.finish()));
      }
    }
    return new Written(shards, unknown, lengths, null);
  }

  /** Describes a token that has no id, where a vocabulary has none for such tokens. */
  private static String strangerOrNull(SequenceRow row, List<Vocabulary> vocabularies) {
    for (int c = 0; c < vocabularies.size(); c++) {
      Vocabulary vocabulary = vocabularies.get(c);
      for (String token : vocabulary.hasUnk() ? new String[0] : row.tokens()[c]) {
        if (!vocabulary.contains(token)) {
          return Vocabulary.describe(token);
        }
      }
    }
    return null;
  }
}
