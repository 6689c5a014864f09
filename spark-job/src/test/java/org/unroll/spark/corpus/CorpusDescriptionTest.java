// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.io.InputException;

class CorpusDescriptionTest {
  private static String written() throws IOException {
    return new String(WrittenDescription.bytes(), StandardCharsets.UTF_8);
  }

  private static CorpusDescription read(String json) throws IOException {
    return CorpusDescription.read(
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "corpus.json");
  }

  @Test
  void what_was_written_is_read() throws IOException {
    assertThat(written())
        .startsWith("{\n  \"format\" : 2,\n  \"kind\" : \"stream\",\n  \"unit\" : ")
        .contains("\"oov_rate\" : 0.03773584905660377", "\"empty_rows\" : 2", "\"from\" : 96");
    assertThat(read(written())).isEqualTo(WrittenDescription.description());
    String earlier = written().replaceAll("  .skipped. : 0,\n", "");
    assertThat(earlier).isNotEqualTo(written());
    assertThat(read(earlier)).isEqualTo(WrittenDescription.description());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'format' : 2 | 'format' : 3 | corpus.json has the format 3, but this program reads",
        "'format' : 2 | 'format' : 'x' | the field format must be a whole number but is",
        "'kind' : 'stream' | 'kind' : 'river' | the field kind must be one of [stream, documents]",
        "'types' : 20 | 'typos' : 20 | the field types is missing",
        "'types' : 20, | 'types' : 20, 'more' : 0, | the field more is unknown",
        "'types' : 20 | 'types' : 20.5 | the field types must be a whole number but is 20.5",
        "'hash' : 'abc' | 'hash' : null | No field of it may be null",
        "'bytes' : 300 | 'bytes' : 'many' | the field shards[0].bytes must be a whole number",
        "'first' : 100 | 'first' : 99 | shards/1 begins with token 99, but the files before it have 100",
        "'tokens' : 106 | 'tokens' : 107 | the shards have 106 tokens together, but the field tokens",
      })
  void damage_is_told_with_its_place(String good, String bad, String message) throws IOException {
    String json = written();
    String damaged = json.replace(good.replace('\'', '"'), bad.replace('\'', '"'));
    assertThat(damaged).isNotEqualTo(json);
    assertThatThrownBy(() -> read(damaged))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("corpus.json")
        .hasMessageContaining(message);
  }
}
