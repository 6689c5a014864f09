// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary.Entry;
import org.unroll.rnn.io.InputException;

/**
 * The format {@code vocabulary.tsv} has one token a line in id order, a tab, its count, a newline;
 * UTF-8. Tab, newline, carriage return and backslash inside a token are written {@code \t \n \r
 * \\}.
 */
final class VocabularyFile {
  private final String sourceName;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Integer> lines = new HashMap<>();

  private VocabularyFile(String sourceName) {
    this.sourceName = sourceName;
  }

  static void write(List<Entry> entries, OutputStream out) throws IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    for (Entry entry : entries) {
      writer.write(escape(entry.token()) + "\t" + entry.count() + "\n");
    }
    writer.flush();
  }

  static List<Entry> read(InputStream in, String sourceName) throws IOException {
    byte[] bytes = in.readAllBytes();
    if (bytes.length == 0) {
      throw new InputException(sourceName + " is empty: a vocabulary has a line for every token");
    }
    VocabularyFile file = new VocabularyFile(sourceName);
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        file.readLine(ByteBuffer.wrap(bytes, start, i - start));
        start = i + 1;
      }
    }
    if (start < bytes.length) {
      throw file.error("is cut off: the line does not end with a newline");
    }
    return file.entries;
  }

  private void readLine(ByteBuffer bytes) {
    String line = decode(bytes);
    int tab = line.indexOf('\t');
    if (tab < 0 || tab != line.lastIndexOf('\t')) {
      throw error("must be a token, one tab and a count, but is '" + escape(line) + "'");
    }
    String token = unescape(line.substring(0, tab));
    if (token.isEmpty()) {
      throw error("has no token before the tab");
    }
    Integer before = lines.putIfAbsent(token, entries.size() + 1);
    if (before != null) {
      throw error("repeats the token of line " + before + ", " + Vocabulary.describe(token));
    }
    entries.add(new Entry(token, count(line.substring(tab + 1))));
  }

  private String decode(ByteBuffer bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw error("is not valid UTF-8");
    }
  }

  private long count(String digits) {
    try {
      long count = Long.parseLong(digits);
      if (count >= 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      // reported below, as a negative number is
    }
    throw error("must have a count behind the tab, but has '" + escape(digits) + "'");
  }

  private static String escape(String token) {
    return token
        .replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }

  private String unescape(String escaped) {
    if (escaped.indexOf('\\') < 0) {
      return escaped;
    }
    StringBuilder token = new StringBuilder();
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      token.append(c == '\\' ? meaning(escaped, ++i) : c);
    }
    return token.toString();
  }

  private char meaning(String escaped, int index) {
    char c = index < escaped.length() ? escaped.charAt(index) : ' ';
    return switch (c) {
      case 't' -> '\t';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case '\\' -> '\\';
      default ->
          throw error(
              "has a backslash that is not part of \\t, \\n, \\r or \\\\: '" + escaped + "'");
    };
  }

  /** Returns an error in the line behind those already read. */
  private InputException error(String problem) {
    return new InputException(sourceName + ": line " + (entries.size() + 1) + " " + problem);
  }
}
