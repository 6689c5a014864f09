// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.CorpusDescription.Source;

/**
 * One number for a prepared corpus: SHA-256 over names and hashes of its sources, its vocabulary,
 * its tokenizer and its kind. It does not depend on where the files are kept.
 */
final class CorpusHash {
  private CorpusHash() {}

  static String of(List<Source> sources, Vocabulary vocabulary, Tokenizer tokenizer, Kind kind) {
    MessageDigest digest = SourceHash.digest();
    for (Source source : sources) {
      update(digest, source.name());
      update(digest, source.hash());
    }
    update(digest, tokenizer.name());
    update(digest, kind.name());
    try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      vocabulary.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }
}
