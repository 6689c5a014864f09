// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Our checking of UTF-8 says what the JDK's decoder says. */
class Utf8Test {
  private static int firstInvalid(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = decoder.decode(in, CharBuffer.allocate(bytes.length + 1), true);
    return result.isError() ? in.position() : bytes.length;
  }

  @Test
  void bytes_of_all_kinds_are_judged_as_the_jdk_does() {
    int[] pieces = {
      'a', ' ', 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xA0, 0x9F, 0xED, 0xEF, 0xF0, 0x90,
      0x8F, 0xF4, 0xF5, 0xFF, 0
    };
    Random random = new Random(3);
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = new byte[random.nextInt(24)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (random.nextInt(3) > 0 ? 'x' : pieces[random.nextInt(pieces.length)]);
      }
      assertThat(Utf8.firstInvalid(bytes, 0, bytes.length)).isEqualTo(firstInvalid(bytes));
    }
  }

  @Test
  void every_code_point_is_read_back() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        byte[] bytes = Character.toString(c).getBytes(StandardCharsets.UTF_8);
        assertThat(Utf8.codePoint(bytes, 0)).isEqualTo(c);
        assertThat(Utf8.length(bytes[0])).isEqualTo(bytes.length);
        assertThat(Utf8.firstInvalid(bytes, 0, bytes.length)).isEqualTo(bytes.length);
        for (int cut = 1; cut < bytes.length; cut++) {
          byte[] text = ("a" + Character.toString(c)).getBytes(StandardCharsets.UTF_8);
          assertThat(Utf8.wholeCharacters(text, 0, 1 + cut)).isEqualTo(1);
        }
      }
    }
  }
}
