// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.report.Figures;
import org.unroll.spark.rows.SequenceRow;

/**
 * The tokens that a model reads as unknown ones, since its vocabulary does not have them: where
 * they are many, its answers say little.
 *
 * @param tokens all of them
 * @param unknown those that it does not know
 */
@DefaultSerializer(JavaSerializer.class)
public record UnknownTokens(long tokens, long unknown) implements Serializable {
  static final UnknownTokens NONE = new UnknownTokens(0, 0);

  /** Counts the tokens of a row. */
  static UnknownTokens of(SequenceRow row, RowEncoder encoder) {
    long tokens = 0;
    long unknown = 0;
    for (int c = 0; c < encoder.vocabularies().size(); c++) {
      Vocabulary vocabulary = encoder.vocabularies().get(c);
      for (String token : row.tokens()[c]) {
        tokens++;
        unknown += vocabulary.contains(token) ? 0 : 1;
      }
    }
    return new UnknownTokens(tokens, unknown);
  }

  UnknownTokens plus(UnknownTokens other) {
    return new UnknownTokens(tokens + other.tokens, unknown + other.unknown);
  }

  /** Adds the share to figures and, if there are such tokens, to lines for people. */
  public void tell(Map<String, Object> figures, Map<String, Object> lines) {
    if (tokens > 0) {
      figures.put("oov_rate", (double) unknown / tokens);
    }
    if (unknown > 0) {
      lines.put(
          "unknown",
          "%s of %s, %s"
              .formatted(
                  Figures.count(unknown),
                  Figures.count(tokens, "token"),
                  Figures.share((double) unknown / tokens)));
    }
  }
}
