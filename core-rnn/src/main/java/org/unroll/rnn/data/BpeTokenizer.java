// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes byte pairs (Sennrich et al. 2016, on bytes as in Radford et al. 2019): text is cut into
 * words with the blank before them, and in each word the two neighbours whose joint comes first in
 * the vocabulary are joined, over and over. All 256 bytes are in the vocabulary, so every text has
 * tokens, and they join to exactly that text.
 */
public final class BpeTokenizer implements Tokenizer {
  /** The name that {@link Tokenizer#of(String, Vocabulary)} knows it by. */
  public static final String NAME = "bpe";

  /** The number of tokens that are a byte. */
  static final int BYTES = 256;

  /** The longest word in bytes, which bounds the work for what has no blanks. */
  static final int LONGEST_WORD = 64;

  private static final long serialVersionUID = 1L;

  /** The tokens' bytes; their numbers are ids. */
  private final SliceTable tokens;

  /** Makes a tokenizer of tokens in the order in which they are joined; the bytes come first. */
  BpeTokenizer(SliceTable tokens) {
    this.tokens = tokens;
  }

  /**
   * Makes a tokenizer of the tokens of a vocabulary.
   *
   * @throws IllegalArgumentException if it is not one of byte pairs
   */
  static BpeTokenizer of(Vocabulary vocabulary) {
    SliceTable tokens = new SliceTable();
    for (Vocabulary.Entry entry : vocabulary.entries()) {
      byte[] token = Alphabet.decode(entry.token());
      tokens.add(token, 0, token.length);
    }
    for (int b = 0; b < BYTES; b++) {
      if (tokens.find(new byte[] {(byte) b}, 0, 1) < 0) {
        throw new IllegalArgumentException(
            "a vocabulary of byte pairs has all 256 bytes, but this one lacks byte " + b);
      }
    }
    return new BpeTokenizer(tokens);
  }

  /** Makes a tokenizer of the bytes alone. */
  public static BpeTokenizer bytes() {
    return new BpeTokenizer(allBytes());
  }

  /** Returns each byte as a token, from which learning starts. */
  static SliceTable allBytes() {
    SliceTable tokens = new SliceTable();
    for (int b = 0; b < BYTES; b++) {
      tokens.add(new byte[] {(byte) b}, 0, 1);
    }
    return tokens;
  }

  /** Returns V, the number of tokens. */
  public int size() {
    return tokens.size();
  }

  /** Returns the vocabulary of these tokens, with occurrences by id. */
  public Vocabulary vocabulary(long[] counts) {
    List<Vocabulary.Entry> entries = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      entries.add(new Vocabulary.Entry(text(id), counts[id]));
    }
    return Vocabulary.of(entries);
  }

  private String text(int id) {
    return Alphabet.encode(tokens.array(), tokens.start(id), tokens.start(id + 1));
  }

  /** Returns an encoder of words; each thread needs its own. */
  public Encoder encoder() {
    return new Encoder();
  }

  /** An encoder turns words into ids; it holds the workspace for that. */
  public final class Encoder {
    /** The places where the parts of a word begin, and behind the last, where it ends. */
    private final int[] starts = new int[LONGEST_WORD + 1];

    /** The id of each part joined with the next. */
    private final int[] joints = new int[LONGEST_WORD];

    private Encoder() {}

    /**
     * Encodes a word.
     *
     * @param to at most 64 bytes behind {@code from}: see {@link Tokenizer#slicer}
     * @param ids takes the ids; has room for one of each byte
     * @return how many there are
     */
    public int encode(byte[] text, int from, int to, int[] ids) {
      int whole = tokens.find(text, from, to);
      if (whole >= 0) {
        ids[0] = whole;
        return 1;
      }
      int parts = to - from;
      for (int i = 0; i <= parts; i++) {
        starts[i] = from + i;
      }
      for (int i = 0; i + 1 < parts; i++) {
        joints[i] = joint(text, i);
      }
      for (int best = first(parts); best >= 0; best = first(parts)) {
        parts--;
        System.arraycopy(starts, best + 2, starts, best + 1, parts - best);
        System.arraycopy(joints, best + 1, joints, best, Math.max(0, parts - 1 - best));
        if (best + 1 < parts) {
          joints[best] = joint(text, best);
        }
        if (best > 0) {
          joints[best - 1] = joint(text, best - 1);
        }
      }
      for (int i = 0; i < parts; i++) {
        ids[i] = tokens.find(text, starts[i], starts[i + 1]);
      }
      return parts;
    }

    private int joint(byte[] text, int part) {
      int id = tokens.find(text, starts[part], starts[part + 2]);
      return id < 0 ? Integer.MAX_VALUE : id;
    }

    /** Returns the part whose joint comes first in the vocabulary; -1 if none is in it. */
    private int first(int parts) {
      int best = -1;
      int id = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < parts; i++) {
        if (joints[i] < id) {
          id = joints[i];
          best = i;
        }
      }
      return best;
    }
  }

  @Override
  public void tokenize(CharSequence text, Consumer<String> out) {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    Encoder encoder = encoder();
    int[] ids = new int[LONGEST_WORD];
    slicer()
        .cut(
            bytes,
            0,
            bytes.length,
            (word, from, to) -> {
              int count = encoder.encode(word, from, to, ids);
              for (int i = 0; i < count; i++) {
                out.accept(text(ids[i]));
              }
            });
  }

  /**
   * Returns what makes text of bytes; those that are no UTF-8, as a model may write, become U+FFFD.
   */
  @Override
  public Joiner joiner() {
    return new Characters();
  }

  /** Makes characters of the bytes of tokens, and keeps those of a character that is not whole. */
  private static final class Characters implements Joiner {
    private static final int LONGEST_CHARACTER = 4;

    private final CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer waiting = ByteBuffer.allocate(2 * LONGEST_CHARACTER);

    @Override
    public String add(String token) {
      byte[] bytes = Alphabet.decode(token);
      if (waiting.capacity() < bytes.length + LONGEST_CHARACTER) {
        waiting = ByteBuffer.allocate(bytes.length + LONGEST_CHARACTER).put(waiting.flip());
      }
      waiting.put(bytes).flip();
      String text = decode(false);
      waiting.compact();
      return text;
    }

    @Override
    public String end() {
      waiting.flip();
      return decode(true);
    }

    private String decode(boolean end) {
      // A byte gives one character at most, and what is cut off at the end one more.
      CharBuffer text = CharBuffer.allocate(waiting.remaining() + 1);
      decoder.decode(waiting, text, end);
      return text.flip().toString();
    }
  }

  /** Returns the bytes of a token as vocabularies have it. */
  public static byte[] bytesOf(String token) {
    return Alphabet.decode(token);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean endsLines() {
    return false;
  }

  @Override
  public Slicer slicer() {
    return new Words();
  }

  @Override
  public String token(byte[] text, int from, int to) {
    return Alphabet.encode(text, from, to);
  }

  /**
   * Cuts out the words within which byte pairs are joined: a run of letters, of digits or of
   * punctuation, each with the one blank before it; a run of white space; a newline. Every byte
   * outside ASCII counts as a letter. A word ends after 64 bytes at the latest, between two
   * characters.
   */
  static final class Words implements Slicer {
    private static final byte LETTER = 0;
    private static final byte DIGIT = 1;
    private static final byte OTHER = 2;
    private static final byte SPACE = 3;
    private static final byte NEWLINE = 4;

    private static final byte[] KINDS = new byte[256];

    static {
      Arrays.fill(KINDS, 0, 128, OTHER);
      Arrays.fill(KINDS, 'A', 'Z' + 1, LETTER);
      Arrays.fill(KINDS, 'a', 'z' + 1, LETTER);
      Arrays.fill(KINDS, '0', '9' + 1, DIGIT);
      Arrays.fill(KINDS, '\t', '\r' + 1, SPACE);
      KINDS[' '] = SPACE;
      KINDS['\n'] = NEWLINE;
    }

    @Override
    public void cut(byte[] text, int from, int to, Sink out) {
      for (int i = from; i < to; ) {
        int end = end(text, i, to);
        out.slice(text, i, end);
        i = end;
      }
    }

    private static int end(byte[] text, int start, int to) {
      byte kind = KINDS[text[start] & 0xff];
      if (kind == NEWLINE) {
        return start + 1;
      }
      int i = start + 1;
      if (text[start] == ' ' && i < to && KINDS[text[i] & 0xff] < SPACE) {
        kind = KINDS[text[i++] & 0xff];
      }
      int limit = Math.min(to, start + LONGEST_WORD);
      while (i < limit && KINDS[text[i] & 0xff] == kind) {
        i++;
      }
      if (i == to) {
        return i;
      }
      if (kind == SPACE) {
        // The last blank belongs to the word that follows.
        boolean wordFollows = KINDS[text[i] & 0xff] < SPACE && text[i - 1] == ' ';
        return wordFollows && i - 1 > start ? i - 1 : i;
      }
      return i == limit ? Utf8.wholeCharacters(text, start, i) : i;
    }
  }

  /**
   * Shows bytes as visible characters, as GPT-2 writes them: a byte that is a visible character of
   * Latin-1 stands for itself, the others, in their order, for the characters from U+0100 on. A
   * blank is Ġ, a newline Ċ.
   */
  static final class Alphabet {
    private static final int FIRST_OTHER = 0x100;
    private static final char[] CHARACTERS = new char[256];
    private static final int[] BYTES = new int[FIRST_OTHER + 256];

    static {
      Arrays.fill(BYTES, -1);
      char other = FIRST_OTHER;
      for (int b = 0; b < CHARACTERS.length; b++) {
        boolean visible = b > ' ' && b < 0x7F || b > 0xA0 && b != 0xAD;
        CHARACTERS[b] = visible ? (char) b : other++;
        BYTES[CHARACTERS[b]] = b;
      }
    }

    private Alphabet() {}

    /** Returns the text that stands for bytes. */
    static String encode(byte[] bytes, int from, int to) {
      char[] text = new char[to - from];
      for (int i = 0; i < text.length; i++) {
        text[i] = CHARACTERS[bytes[from + i] & 0xff];
      }
      return new String(text);
    }

    /**
     * Returns the bytes that a text stands for.
     *
     * @throws IllegalArgumentException if it has other characters
     */
    static byte[] decode(String text) {
      byte[] bytes = new byte[text.length()];
      for (int i = 0; i < bytes.length; i++) {
        int b = text.charAt(i) < BYTES.length ? BYTES[text.charAt(i)] : -1;
        if (b < 0) {
          throw new IllegalArgumentException(
              Vocabulary.describe(text) + " is not a token of byte pairs");
        }
        bytes[i] = (byte) b;
      }
      return bytes;
    }
  }
}
