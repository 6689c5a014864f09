// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;

/** What a corpus is, computed the naive way: everything in memory, every file in one piece. */
public final class Twin {
  /**
   * Lines and characters of all kinds: up to 4 bytes, CRLF, blank lines, blanks, NUL, no last
   * newline.
   */
  public static final String TEXT =
      "Grüße, 世界!\r\n\r\n\n a  b\t\u00a0c \n😀 emoji𐍈\r\nx\u0000y\n\n"
          + "naïve \u2028 line\rreturn\nlonger line with several words in it\n<unk> <eos>\né";

  private Twin() {}

  public static List<String> tokens(List<Path> files, Tokenizer tokenizer) throws IOException {
    List<String> tokens = new ArrayList<>();
    for (Path file : files) {
      String text = new String(bytes(file), StandardCharsets.UTF_8);
      tokenizer.tokenize(text.startsWith("\uFEFF") ? text.substring(1) : text, tokens::add);
    }
    return tokens;
  }

  private static byte[] bytes(Path file) throws IOException {
    byte[] raw = Files.readAllBytes(file);
    if (!file.toString().endsWith(".gz")) {
      return raw;
    }
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return in.readAllBytes();
    }
  }

  static Map<String, Long> counts(List<String> tokens) {
    Map<String, Long> counts = new HashMap<>();
    tokens.forEach(token -> counts.merge(token, 1L, Long::sum));
    return counts;
  }

  public static int[] ids(List<String> tokens, Vocabulary vocabulary) {
    return tokens.stream().mapToInt(vocabulary::id).toArray();
  }
}
