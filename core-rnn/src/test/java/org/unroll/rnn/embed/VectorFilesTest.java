// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;

class VectorFilesTest {
  private static WordVectors vectors() {
    List<Vocabulary.Entry> words =
        List.of(
            new Vocabulary.Entry("été", 0),
            new Vocabulary.Entry("3", 0),
            new Vocabulary.Entry("\ud83d\ude00", 0));
    return new WordVectors(
        Vocabulary.of(words),
        3,
        new float[] {1, -0.5f, 1e-30f, 0.1f, Float.MIN_VALUE, -3.4e38f, 1 / 3f, 0, 7});
  }

  private static byte[] written(WordVectors vectors, VectorFile.Format format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    VectorFile.write(vectors, format, out);
    return out.toByteArray();
  }

  private static WordVectors read(byte[] bytes) throws IOException {
    return VectorFile.read(new ByteArrayInputStream(bytes), "v.txt");
  }

  private static List<String> words(WordVectors vectors) {
    return vectors.vocabulary().entries().stream().map(Vocabulary.Entry::token).toList();
  }

  @ParameterizedTest
  @EnumSource(VectorFile.Format.class)
  void what_was_written_is_read_bit_by_bit(VectorFile.Format format) throws IOException {
    WordVectors read = read(written(vectors(), format));
    assertThat(words(read)).isEqualTo(words(vectors()));
    assertThat(read.size()).isEqualTo(3);
    assertThat(read.values()).isEqualTo(vectors().values());
  }

  @Test
  void the_formats_are_those_of_the_other_programs() throws IOException {
    String text = "été 1.0 -0.5 1.0E-30\n3 0.1 ";
    assertThat(new String(written(vectors(), VectorFile.Format.GLOVE), UTF_8)).startsWith(text);
    assertThat(new String(written(vectors(), VectorFile.Format.WORD2VEC), UTF_8))
        .startsWith("3 3\n" + text);
    byte[] binary = written(vectors(), VectorFile.Format.WORD2VEC_BINARY);
    byte[] start = "3 3\nété ".getBytes(UTF_8);
    assertThat(binary).startsWith(start);
    ByteBuffer numbers = ByteBuffer.wrap(binary).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(numbers.getFloat(start.length)).isEqualTo(1f);
    assertThat(numbers.getFloat(start.length + 4)).isEqualTo(-0.5f);
    assertThat(binary[start.length + 12]).isEqualTo((byte) '\n');
  }

  @Test
  void gensims_binary_form_without_newlines_is_read() throws IOException {
    ByteBuffer file = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
    file.put("2 2\na ".getBytes(UTF_8)).putFloat(0.25f).putFloat(-3);
    file.put("bc ".getBytes(UTF_8)).putFloat(1e-3f).putFloat(8);
    WordVectors read = read(Arrays.copyOf(file.array(), file.position()));
    assertThat(words(read)).containsExactly("a", "bc");
    assertThat(read.values()).containsExactly(0.25f, -3, 1e-3f, 8);
  }

  @Test
  void words_may_have_blanks_and_the_first_of_two_counts() throws IOException {
    WordVectors read = read("a 1 2\r\nb c 3\t4  \n\na 5 6\n".getBytes(UTF_8));
    assertThat(words(read)).containsExactly("a", "b c");
    assertThat(read.values()).containsExactly(1, 2, 3, 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|is empty",
        "hello\\n|line 1 is 'hello', but a file of word vectors begins with",
        "a 1 2\\nb 1\\n|line 2 has 1 numbers behind its word, but the file has 2",
        "a 1 2\\nb 1 x\\n|line 2 has 'x' where number 2 of 2 must be",
        "a 1 2\\nb x 1\\n|line 2 has 'x' where number 1 of 2 must be",
        "a 1 2\\nb 1 2|is cut off: the last line does not end with a newline",
        "a 1 NaN\\n|line 1: the vector of 'a' has NaN in it",
        "a 1 Infinity\\n|line 1: the vector of 'a' has Infinity in it",
        "2 2\\na 1 2\\n|is cut off: line 1 announces 2 words, but there are 1",
        "1 2\\na 1 2\\nb 1 2\\n|line 3 comes after the 1 words that line 1 announces",
        "0 5\\n|line 1 announces 0 words of 5 numbers",
        "5 99999999\\n|line 1 announces 5 words of 99999999 numbers",
        "9999999999 3\\na 1 2 3\\n|announces 9999999999 words, but there are 1"
      })
  void damaged_text_is_an_error_that_names_the_line(String text, String problem) {
    assertThatThrownBy(() -> read(text.replace("\\n", "\n").getBytes(UTF_8)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("v.txt")
        .hasMessageContaining(problem);
  }

  @Test
  void invalid_utf8_is_an_error_that_names_the_line() {
    byte[] bytes = "a 1 2\nb 3 4\n".getBytes(UTF_8);
    bytes[6] = (byte) 0xff;
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(InputException.class)
        .hasMessage("v.txt: line 2 is not valid UTF-8");
  }

  @Test
  void a_line_that_does_not_end_is_an_error() {
    byte[] bytes = new byte[3_000_000];
    Arrays.fill(bytes, (byte) 'x');
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("line 1 is longer than 2097152 bytes");
  }

  @Test
  void damaged_binaries_are_errors_that_name_the_byte() throws IOException {
    byte[] whole = written(vectors(), VectorFile.Format.WORD2VEC_BINARY);
    assertThatThrownBy(() -> read(Arrays.copyOf(whole, whole.length - 6)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is cut off at byte " + (whole.length - 6) + ", in word 3 of 3");
    assertThatThrownBy(() -> read(Arrays.copyOf(whole, 30)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is cut off at byte 30, in word 2 of 3");
    byte[] more = Arrays.copyOf(whole, whole.length + 1);
    more[whole.length] = 'x';
    assertThatThrownBy(() -> read(more))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("byte " + whole.length + ": there is more behind the 3 words");
    byte[] other = whole.clone();
    other[4] = (byte) 0xff;
    assertThatThrownBy(() -> read(other))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("byte 4: the word ")
        .hasMessageContaining("is not valid UTF-8");
    byte[] nan = whole.clone();
    ByteBuffer.wrap(nan).order(ByteOrder.LITTLE_ENDIAN).putFloat(10, Float.NaN);
    assertThatThrownBy(() -> read(nan))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("byte 10: the vector of 'été' has NaN in it");
  }

  @Test
  void a_word_with_white_space_cannot_be_written() {
    WordVectors vectors =
        new WordVectors(Vocabulary.of(List.of(new Vocabulary.Entry("a b", 1))), 1, new float[1]);
    assertThatThrownBy(() -> written(vectors, VectorFile.Format.WORD2VEC))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'a b' has white space in it");
  }
}
