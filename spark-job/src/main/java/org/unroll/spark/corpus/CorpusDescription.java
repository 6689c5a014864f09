// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;

/**
 * The file {@code corpus.json} of a prepared corpus: what its shards hold and where they come from.
 *
 * @param kind how the shards are laid out
 * @param unit the tokenizer's full name, with its options: see {@link
 *     org.unroll.rnn.data.Tokenizer#of}
 * @param tokenizer the same for readers of other languages: its name and options, in order
 * @param options what the corpus was prepared with, values as JSON has them; a run that adds to the
 *     corpus must have the same
 * @param statistics of the text
 * @param hash differs for other text, names of files, or ways of preparing; in hexadecimal
 * @param sources the files it was made of, in their order
 * @param shards its files, in the order of the corpus
 */
public record CorpusDescription(
    Kind kind,
    String unit,
    Map<String, Object> tokenizer,
    Map<String, Object> options,
    CorpusStatistics statistics,
    String hash,
    List<Source> sources,
    List<Shard> shards) {
  /** The version this program writes, and the newest it reads. */
  public static final int FORMAT_VERSION = 2;

  /** The kind of a corpus says how its shards are laid out. */
  public enum Kind {
    /** One run of tokens in the order of the text, for language models. */
    STREAM,
    /** Rows of the user's data, whole and in their order. */
    DOCUMENTS
  }

  /**
   * A file the corpus was made of.
   *
   * @param path with its file system
   * @param name relative to the input that was given
   * @param bytes its length
   * @param modified when it was last changed, in milliseconds since 1970
   * @param hash of its content, in hexadecimal
   */
  public record Source(String path, String name, long bytes, long modified, String hash) {}

  /**
   * A file of tokens.
   *
   * @param file relative to the corpus
   * @param first position of its first token in the corpus: the sum of the tokens of the files
   *     before
   * @param tokens their number
   * @param documents rows of a corpus of documents; 0 in a stream
   * @param bytes its length
   */
  public record Shard(String file, long first, long tokens, long documents, long bytes)
      implements Serializable {}

  public CorpusDescription {
    tokenizer = Collections.unmodifiableMap(new LinkedHashMap<>(tokenizer));
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    sources = List.copyOf(sources);
    shards = List.copyOf(shards);
  }

  /** Writes the file as indented JSON; the stream stays open. */
  public void write(OutputStream out) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format", FORMAT_VERSION);
    json.put("kind", kind);
    json.put("unit", unit);
    json.put("tokenizer", tokenizer);
    json.put("options", options);
    json.putAll(statistics.fields());
    json.put("hash", hash);
    json.put("sources", sources);
    json.put("shards", shards);
    StrictJson.write(json, out);
  }

  /**
   * Reads what {@link #write} wrote; the stream stays open.
   *
   * @param sourceName what messages call the file
   * @throws InputException if it is no such file or is of a newer version, naming the field
   */
  public static CorpusDescription read(InputStream in, String sourceName) throws IOException {
    ObjectNode json = StrictJson.tree(in, sourceName);
    StrictJson.requireVersion(
        json,
        sourceName,
        "format",
        FORMAT_VERSION,
        "use the program that wrote it, or a newer one, or prepare the text again.");
    if (!json.has("skipped")) {
      // A corpus that was prepared before bad rows could be skipped has none.
      json.put("skipped", 0);
    }
    Fields fields = StrictJson.bind(json, sourceName, "", Fields.class);
    if (fields.format == 1 && fields.kind == Kind.DOCUMENTS) {
      throw new InputException(
          "The documents of "
              + sourceName
              + " were prepared by an earlier version, which did not keep rows whole: prepare them"
              + " again, with --overwrite.");
    }
    return fields.description();
  }

  /** The fields of the file; shards must follow one another, since tokens are found by position. */
  private record Fields(
      int format,
      Kind kind,
      String unit,
      LinkedHashMap<String, Object> tokenizer,
      LinkedHashMap<String, Object> options,
      long documents,
      long tokens,
      long types,
      long unknown,
      double oovRate,
      long duplicates,
      long invalidBytes,
      long emptyRows,
      long skipped,
      long bytes,
      List<LengthHistogram.Bin> lengths,
      String hash,
      List<Source> sources,
      List<Shard> shards) {
    Fields {
      if (Stream.of(kind, unit, tokenizer, options, lengths, hash, sources, shards)
          .anyMatch(Objects::isNull)) {
        throw new InputException("No field of it may be null: prepare the text again.");
      }
      long next = 0;
      for (Shard shard : shards) {
        if (shard.first() != next || shard.tokens() < 0) {
          throw new InputException(
              ("%s begins with token %s, but the files before it have %s. The file was"
                      + " changed by hand or is damaged: prepare the text again.")
                  .formatted(shard.file(), shard.first(), next));
        }
        next += shard.tokens();
      }
      if (next != tokens) {
        throw new InputException(
            ("the shards have %s tokens together, but the field tokens says %s. The"
                    + " file was changed by hand or is damaged: prepare the text again.")
                .formatted(next, tokens));
      }
    }

    private CorpusDescription description() {
      LengthHistogram histogram = new LengthHistogram();
      lengths.forEach(bin -> histogram.add(bin.from(), bin.documents()));
      CorpusStatistics statistics =
          new CorpusStatistics(
              documents,
              tokens,
              types,
              unknown,
              duplicates,
              invalidBytes,
              emptyRows,
              skipped,
              bytes,
              histogram);
      return new CorpusDescription(
          kind, unit, tokenizer, options, statistics, hash, sources, shards);
    }
  }
}
