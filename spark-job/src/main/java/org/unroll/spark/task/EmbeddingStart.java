// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.RowHash;

/**
 * Word vectors that a model's embedding starts from. Tokens that have none start as without them.
 *
 * @param path where they are, as it was given
 * @param vectors of any words, as wide as the embedding
 * @param frozen whether training leaves the embedding as it starts
 */
public record EmbeddingStart(String path, WordVectors vectors, boolean frozen) {
  /** The name that figures and files have for it. */
  public static final String NAME = "embeddings";

  private static final int HASH_CHARACTERS = 16;

  /** The tokens of a vocabulary, and of its text, that have a vector, with their shares of all. */
  private record Coverage(int types, double typesShare, long tokens, double tokensShare) {}

  private Coverage coverage(Vocabulary vocabulary) {
    int types = 0;
    long tokens = 0;
    long all = 0;
    for (Vocabulary.Entry entry : vocabulary.entries()) {
      all += entry.count();
      if (vectors.vocabulary().contains(entry.token())) {
        types++;
        tokens += entry.count();
      }
    }
    return new Coverage(types, (double) types / vocabulary.size(), tokens, (double) tokens / all);
  }

  /** Returns how much of a vocabulary has vectors, in a sentence. */
  String describe(Vocabulary vocabulary) {
    Coverage coverage = coverage(vocabulary);
    return "Vectors of %s for %s of %s types (%s), %s of the tokens."
        .formatted(
            path,
            Figures.count(coverage.types),
            Figures.count(vocabulary.size()),
            Figures.percent(coverage.typesShare),
            Figures.percent(coverage.tokensShare));
  }

  /** Returns the starting parameters of a model over a vocabulary. */
  public float[] params(Network model, TrainSpec train, Vocabulary vocabulary) {
    float[] params = Initializer.draw(model, train.init(), train.seed());
    Param embedding = model.layout().get(Network.EMBEDDING);
    int size = vectors.size();
    for (int id = 0; id < vocabulary.size(); id++) {
      String token = vocabulary.token(id);
      if (vectors.vocabulary().contains(token)) {
        int from = vectors.vocabulary().id(token) * size;
        System.arraycopy(vectors.values(), from, params, embedding.offset() + id * size, size);
      }
    }
    return params;
  }

  /** Returns a short name, equal for equal words and numbers. */
  String hash() {
    MessageDigest digest = RowHash.digest();
    ByteBuffer row = ByteBuffer.allocate(vectors.size() * Float.BYTES);
    for (int word = 0; word < vectors.words(); word++) {
      digest.update(vectors.vocabulary().token(word).getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      row.clear();
      row.asFloatBuffer().put(vectors.values(), word * vectors.size(), vectors.size());
      digest.update(row);
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, HASH_CHARACTERS);
  }

  /** Returns the same as {@code config.json} and the figures of a run have it. */
  public Map<String, Object> figures(Vocabulary vocabulary) {
    Coverage coverage = coverage(vocabulary);
    return Json.fields(
        "path", path,
        "hash", hash(),
        "types", coverage.types,
        "types_share", coverage.typesShare,
        "tokens", coverage.tokens,
        "tokens_share", coverage.tokensShare);
  }
}
