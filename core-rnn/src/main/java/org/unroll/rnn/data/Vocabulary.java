// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Serializable;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;

/**
 * A vocabulary is the tokens a model knows, each with its id in {@code 0..size-1} and how often the
 * training data had it. It is immutable.
 */
public final class Vocabulary implements Serializable {
  /** The token that stands for all tokens that are not in the vocabulary. */
  public static final String UNK = "<unk>";

  /** The token for the end of a line of words. */
  public static final String EOS = "<eos>";

  /** The tokens that are no text. */
  public static final List<String> SPECIALS = List.of(UNK, EOS);

  private static final long serialVersionUID = 1L;

  /** The order by counts, most frequent first; equally frequent ones by their code points. */
  private static final Comparator<Entry> BY_RANK =
      Comparator.comparingLong(Entry::count)
          .reversed()
          .thenComparing(Entry::token, Vocabulary::compareTokens);

  private final List<Entry> entries;
  private final Map<String, Integer> ids;

  /**
   * An entry is a token with its count.
   *
   * @param token not empty, and text: no surrogate without its partner
   * @param count occurrences in the training data
   */
  public record Entry(String token, long count) implements Serializable {
    public Entry {
      if (token.isEmpty()) {
        throw new IllegalArgumentException("a token must not be empty");
      }
      if (token
          .codePoints()
          .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
        throw new IllegalArgumentException(
            describe(token) + " has a surrogate without its partner");
      }
      if (count < 0) {
        throw new IllegalArgumentException(
            "the count of " + describe(token) + " must not be negative but was " + count);
      }
    }
  }

  private Vocabulary(List<Entry> entries) {
    this.entries = List.copyOf(entries);
    this.ids = new HashMap<>(entries.size() * 2);
    for (Entry entry : entries) {
      Integer before = ids.putIfAbsent(entry.token(), ids.size());
      if (before != null) {
        throw new IllegalArgumentException(
            describe(entry.token()) + " is there twice, as " + before + " and as " + ids.size());
      }
    }
  }

  /**
   * Returns the vocabulary with these entries in id order.
   *
   * @throws IllegalArgumentException if there are none or a token is there twice
   */
  public static Vocabulary of(List<Entry> entries) {
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("a vocabulary needs at least one token");
    }
    return new Vocabulary(entries);
  }

  /**
   * Chooses the tokens of a vocabulary. Special ones come first: for words {@link #UNK} and {@link
   * #EOS}, for characters {@link #UNK} if it is forced, counted, or needed because something was
   * dropped. The others follow, most frequent first and equally frequent ones in the order of their
   * code points.
   *
   * @param counts occurrences of each token; those of dropped ones are added to {@link #UNK}'s own
   * @param unit the name of the {@link Tokenizer}
   * @param maxSize the most entries in all, 0 for no limit
   * @param minCount tokens that occur less often are dropped
   * @param forceUnk whether characters get {@link #UNK} in any case
   */
  public static Vocabulary build(
      Map<String, Long> counts, String unit, int maxSize, long minCount, boolean forceUnk) {
    List<Entry> ranked = rank(counts, minCount);
    boolean dropping = ranked.size() < counts.size() || (maxSize > 0 && ranked.size() > maxSize);
    List<String> specials = List.of();
    if (Tokenizer.of(unit).endsLines()) {
      specials = SPECIALS;
    } else if (forceUnk || dropping) {
      specials = List.of(UNK);
    }
    requireRoom(maxSize, specials);
    int places = maxSize == 0 ? ranked.size() : Math.min(ranked.size(), maxSize - specials.size());
    return assemble(specials, counts, ranked.subList(0, places));
  }

  /** Returns all tokens but special and rare ones, in their order. */
  private static List<Entry> rank(Map<String, Long> counts, long minCount) {
    List<Entry> ranked = new ArrayList<>();
    counts.forEach(
        (token, count) -> {
          if (!SPECIALS.contains(token) && count >= minCount) {
            ranked.add(new Entry(token, count));
          }
        });
    ranked.sort(BY_RANK);
    return ranked;
  }

  private static void requireRoom(int maxSize, List<String> specials) {
    if (maxSize < 0 || (maxSize > 0 && maxSize <= specials.size())) {
      throw new IllegalArgumentException(
          "a vocabulary of %d leaves no room beside %s: ask for at least %d, or 0 for no limit"
              .formatted(maxSize, specials, specials.size() + 1));
    }
  }

  private static Vocabulary assemble(
      List<String> specials, Map<String, Long> counts, List<Entry> kept) {
    long dropped = counts.values().stream().mapToLong(Long::longValue).sum();
    for (String special : specials) {
      dropped -= counts.getOrDefault(special, 0L);
    }
    for (Entry entry : kept) {
      dropped -= entry.count();
    }
    List<Entry> entries = new ArrayList<>();
    for (String special : specials) {
      long own = counts.getOrDefault(special, 0L);
      entries.add(new Entry(special, special.equals(UNK) ? own + dropped : own));
    }
    entries.addAll(kept);
    return of(entries);
  }

  /**
   * Returns this vocabulary with more tokens. Those that are here keep their ids, and what was
   * counted is added to their counts. New ones follow, most frequent first and equally frequent
   * ones in the order of their code points; the occurrences of all others are added to those of
   * {@link #UNK}, if that is here.
   *
   * @param counts occurrences of tokens in other data, each once; of those that may be new at least
   *     the most frequent ones
   * @param total the occurrences of all tokens there
   * @param most new tokens
   * @param minCount tokens that occur less often there are not new
   */
  public Vocabulary grown(Map<String, Long> counts, long total, int most, long minCount) {
    Map<String, Long> others = new HashMap<>(counts);
    others.keySet().removeAll(ids.keySet());
    List<Entry> ranked = rank(others, minCount);
    List<Entry> added = ranked.subList(0, Math.min(most, ranked.size()));
    long left = total;
    List<Entry> all = new ArrayList<>();
    for (Entry entry : entries) {
      long more = counts.getOrDefault(entry.token(), 0L);
      left -= more;
      all.add(new Entry(entry.token(), entry.count() + more));
    }
    for (Entry entry : added) {
      left -= entry.count();
    }
    if (hasUnk()) {
      int unk = ids.get(UNK);
      all.set(unk, new Entry(UNK, all.get(unk).count() + left));
    }
    all.addAll(added);
    return of(all);
  }

  /** Returns V, the number of ids. */
  public int size() {
    return entries.size();
  }

  /** Returns the token of an id. */
  public String token(int id) {
    return entry(id).token();
  }

  /** Returns the occurrences of an id in the training data. */
  public long count(int id) {
    return entry(id).count();
  }

  private Entry entry(int id) {
    if (id < 0 || id >= entries.size()) {
      throw new IllegalArgumentException("id must be in [0, " + entries.size() + ") but was " + id);
    }
    return entries.get(id);
  }

  /** Returns whether a token has an id. */
  public boolean contains(String token) {
    return ids.containsKey(token);
  }

  /** Returns whether unknown tokens have an id. */
  public boolean hasUnk() {
    return contains(UNK);
  }

  /**
   * Returns the id of a token, or that of {@link #UNK}.
   *
   * @throws IllegalArgumentException if the token is unknown and there is no {@link #UNK}
   */
  public int id(String token) {
    Integer id = ids.getOrDefault(token, ids.get(UNK));
    if (id == null) {
      throw new IllegalArgumentException(
          "%s is not in the vocabulary of %d tokens, which has no %s"
              .formatted(describe(token), size(), UNK));
    }
    return id;
  }

  /** Returns all tokens in id order. */
  public List<Entry> entries() {
    return entries;
  }

  /**
   * Writes {@code vocabulary.tsv}: a line for every id with token, tab and count, in UTF-8. Tab,
   * newline, carriage return and backslash inside a token are written {@code \t \n \r \\}. The
   * stream stays open.
   */
  public void write(OutputStream out) throws IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    for (Entry entry : entries) {
      writer.write(escape(entry.token()) + "\t" + entry.count() + "\n");
    }
    writer.flush();
  }

  private static String escape(String token) {
    return token
        .replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }

  /**
   * Reads what {@link #write} wrote; the stream stays open.
   *
   * @param sourceName what messages call the file
   * @throws InputException if it is no vocabulary, naming the line
   */
  public static Vocabulary read(InputStream in, String sourceName) throws IOException {
    return new Vocabulary(new Reader(sourceName).read(in.readAllBytes()));
  }

  /**
   * Returns the code point with its glyph where it has one, such as {@code U+00E9 'é'}; longer
   * tokens in quotes.
   */
  public static String describe(String token) {
    if (token.isEmpty() || token.codePointCount(0, token.length()) > 1) {
      return "'" + token + "'";
    }
    int c = token.codePointAt(0);
    boolean printable = !token.matches("[\\p{C}\\p{Zl}\\p{Zp}]");
    return String.format("U+%04X", c) + (printable ? " '" + token + "'" : "");
  }

  /** Compares by code points. Unlike {@link String#compareTo}, it puts U+FFFD before U+10000. */
  public static int compareTokens(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean sameKind = Character.isSurrogate(x) == Character.isSurrogate(y);
        return sameKind ? Character.compare(x, y) : (Character.isSurrogate(x) ? 1 : -1);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** A reader of a file, line by line. */
  private static final class Reader {
    private final String sourceName;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Integer> lines = new HashMap<>();

    Reader(String sourceName) {
      this.sourceName = sourceName;
    }

    List<Entry> read(byte[] bytes) {
      if (bytes.length == 0) {
        throw new InputException(sourceName + " is empty: a vocabulary has a line for every token");
      }
      int start = 0;
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == '\n') {
          readLine(Utf8.textOrNull(bytes, start, i));
          start = i + 1;
        }
      }
      if (start < bytes.length) {
        throw error("is cut off: the line does not end with a newline");
      }
      return entries;
    }

    private void readLine(String line) {
      if (line == null) {
        throw error("is not valid UTF-8");
      }
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
        throw error("repeats the token of line " + before + ", " + describe(token));
      }
      entries.add(new Entry(token, count(line.substring(tab + 1))));
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
}
