// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.PoolingType;
import org.unroll.rnn.network.ReaderSpec;
import org.unroll.rnn.network.TokenColumn;
import org.unroll.rnn.network.WordSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.EncoderSpec;

class ReaderFieldsTest {

  static List<ReaderSpec> specs() {
    return List.of(
        spec(InputSpec.ofTokens(5, 3), PoolingType.MAX, new HeadSpec.Softmax(2, Target.SEQUENCE)),
        spec(
            new InputSpec(
                List.of(new TokenColumn(5, 3, false), new TokenColumn(2, 1)),
                4,
                new WordSpec(9, 2, CellType.GRU, 3, PoolingType.LAST)),
            null,
            new HeadSpec.Softmax(3, Target.STEP, 0.1, List.of(1.0, 0.5, 2.0))),
        spec(
            InputSpec.ofFeatures(2), PoolingType.LAST, new HeadSpec.Regression(7, Target.SEQUENCE)),
        spec(InputSpec.ofTokens(5, 3), null, new HeadSpec.LinearCrf(4)),
        spec(InputSpec.ofFeatures(3), null, new HeadSpec.Alignment(6)));
  }

  private static ReaderSpec spec(InputSpec inputs, PoolingType pooling, HeadSpec head) {
    DropoutSpec dropout = new DropoutSpec(0.1, 0.2, 0.3, 0.4, 0.5, true);
    EncoderSpec encoder =
        new EncoderSpec(
            CellType.LSTM, inputs.width(), 8, 2, true, Direction.BOTH, true, false, dropout);
    return new ReaderSpec(inputs, encoder, pooling, head);
  }

  private static Map<String, Object> throughJson(Map<String, Object> fields) {
    try {
      JsonMapper mapper = new JsonMapper();
      return mapper.readValue(mapper.writeValueAsBytes(fields), new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ReaderSpec read(Map<String, Object> fields) {
    return ReaderFields.read(fields, "config.json", "model");
  }

  @ParameterizedTest
  @MethodSource("specs")
  void a_specification_comes_back_from_json(ReaderSpec spec) {
    assertThat(read(throughJson(ReaderFields.of(spec)))).isEqualTo(spec);
  }

  @Test
  void what_is_wrong_is_named_with_its_path() {
    Map<String, Object> fields = throughJson(ReaderFields.of(specs().get(1)));
    Map<String, Object> unknown = new LinkedHashMap<>(fields);
    unknown.put("colour", 1);
    assertThatThrownBy(() -> read(unknown))
        .isInstanceOf(InputException.class)
        .hasMessage("config.json: the field model.colour is unknown");
    Map<String, Object> head = new LinkedHashMap<>(fields);
    head.put("head", Map.of("kind", "oracle"));
    assertThatThrownBy(() -> read(head))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("config.json: the field model.head.kind must be one of");
    Map<String, Object> columns = new LinkedHashMap<>(fields);
    columns.put("inputs", Map.of("columns", List.of(Map.of("vocabulary", "x")), "features", 0));
    assertThatThrownBy(() -> read(columns))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "config.json: the field model.inputs.columns[0].vocabulary must be a whole number");
  }

  @Test
  void a_specification_that_makes_no_sense_is_refused() {
    Map<String, Object> fields = throughJson(ReaderFields.of(specs().get(0)));
    fields.remove("pooling");
    assertThatThrownBy(() -> read(fields))
        .isInstanceOf(InputException.class)
        .hasMessage("config.json: model: a head that answers for sequences needs a pooling");
  }
}
