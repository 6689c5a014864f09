// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

/** Checks of runs of tokens that are asked for. */
final class TokenRange {
  private TokenRange() {}

  /** The tokens {@code [from, to)} must be in a corpus. */
  static void requireWithin(TokenCorpus corpus, long from, long to) {
    requireWithin(from, to, corpus.tokens(), "the corpus");
  }

  /** They must be in a source. */
  static void requireWithin(TokenSource source, long from, long to) {
    requireWithin(from, to, source.tokens(), "this source");
  }

  private static void requireWithin(long from, long to, long tokens, String what) {
    if (from < 0 || from > to || to > tokens) {
      throw new IllegalArgumentException(
          "tokens [" + from + ", " + to + ") are not within the " + tokens + " of " + what);
    }
  }

  /** They must fit into an array as well. */
  static int length(TokenSource source, long from, long to) {
    requireWithin(source, from, to);
    if (to - from > Integer.MAX_VALUE - Long.BYTES) {
      throw new IllegalArgumentException(
          "one array cannot hold the " + (to - from) + " tokens of a shard; use more shards");
    }
    return (int) (to - from);
  }
}
