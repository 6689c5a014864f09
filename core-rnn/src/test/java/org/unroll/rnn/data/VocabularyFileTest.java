// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.data.Vocabulary.Entry;
import org.unroll.rnn.io.InputException;

class VocabularyFileTest {

  private static byte[] written(Vocabulary v) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    v.write(out);
    return out.toByteArray();
  }

  private static Vocabulary read(byte[] bytes) throws IOException {
    return Vocabulary.read(new ByteArrayInputStream(bytes), "m/vocabulary.tsv");
  }

  @Test
  void a_line_is_token_tab_count_with_four_escapes() throws IOException {
    Vocabulary v =
        Vocabulary.of(
            List.of(
                new Entry("<unk>", 0),
                new Entry("\n", 12),
                new Entry("\t", 3),
                new Entry("\r", 2),
                new Entry("\\", 1),
                new Entry("\\n", 1),
                new Entry("\u00e9", 9),
                new Entry("\ud83d\ude00", Long.MAX_VALUE)));
    assertThat(new String(written(v), UTF_8))
        .isEqualTo(
            "<unk>\t0\n"
                + "\\n"
                + "\t12\n"
                + "\\t\t3\n"
                + "\\r"
                + "\t2\n"
                + "\\\\\t1\n"
                + "\\\\n"
                + "\t1\n"
                + "\u00e9\t9\n"
                + "\ud83d\ude00\t9223372036854775807\n");
    assertThat(read(written(v)).entries()).isEqualTo(v.entries());
  }

  @Test
  void all_code_points_come_back() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 97) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        entries.add(new Entry(Character.toString(c), c));
      }
    }
    assertThat(read(written(Vocabulary.of(entries))).entries()).isEqualTo(entries);
  }

  @Test
  void the_encoding_does_not_depend_on_the_platform() throws IOException {
    byte[] bytes = written(Vocabulary.of(List.of(new Entry("\u00e9", 1))));
    assertThat(bytes).as("default is %s", Charset.defaultCharset()).startsWith(0xC3, 0xA9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a~1!b            | line 2 is cut off",
        "a~1!b~2          | line 2 is cut off",
        "a~1!b!           | line 2 must be a token, one tab and a count, but is 'b'",
        "a~1!!            | line 2 must be a token",
        "a~1~1!           | line 1 must be a token, one tab and a count, but is 'a\\t1\\t1'",
        "a~1!~5!          | line 2 has no token",
        "a~1!b~!          | line 2 must have a count behind the tab, but has ''",
        "a~1!b~x!         | line 2 must have a count behind the tab, but has 'x'",
        "a~1!b~-1!        | line 2 must have a count behind the tab, but has '-1'",
        "a~99999999999999999999! | line 1 must have a count",
        "a~1!b~2!a~3!     | line 3 repeats the token of line 1, U+0061 'a'",
        "a~1!\\x~2!       | line 2 has a backslash",
        "a~1!b\\~2!       | line 2 has a backslash",
      })
  void errors_name_file_and_line(String text, String message) {
    byte[] bytes = text.replace('~', '\t').replace('!', '\n').getBytes(UTF_8);
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("m/vocabulary.tsv: " + message);
  }

  @Test
  void windows_line_ends_are_shown() {
    assertThatThrownBy(() -> read("a\t1\r\n".getBytes(UTF_8))).hasMessageContaining("has '1\\r'");
  }

  @Test
  void invalid_utf8_and_an_empty_file_are_refused() {
    byte[] bytes = "a\t1\nb\t1\n".getBytes(UTF_8);
    bytes[4] = (byte) 0xFF;
    assertThatThrownBy(() -> read(bytes)).hasMessage("m/vocabulary.tsv: line 2 is not valid UTF-8");
    assertThatThrownBy(() -> read(new byte[0]))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("m/vocabulary.tsv is empty");
  }
}
