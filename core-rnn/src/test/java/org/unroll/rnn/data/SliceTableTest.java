// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SliceTableTest {
  @Test
  void it_numbers_slices_as_a_map_does() {
    SliceTable table = new SliceTable();
    Map<ByteBuffer, Integer> map = new HashMap<>();
    Random random = new Random(5);
    byte[] text = new byte[4000];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) random.nextInt(3); // zeros too: they must not be taken for an end
    }
    for (int i = 0; i < 50_000; i++) {
      int from = random.nextInt(text.length - 20);
      int to = from + random.nextInt(20);
      ByteBuffer key = ByteBuffer.wrap(text, from, to - from);
      Integer known = map.get(key);
      assertThat(table.find(text, from, to)).isEqualTo(known == null ? -1 : known);
      if (random.nextBoolean()) {
        assertThat(table.add(text, from, to)).isEqualTo(known == null ? map.size() : known);
        map.putIfAbsent(key, map.size());
      }
    }
    assertThat(table.size()).isEqualTo(map.size());
    map.forEach(
        (key, number) ->
            assertThat(
                    ByteBuffer.wrap(
                        table.array(),
                        table.start(number),
                        table.start(number + 1) - table.start(number)))
                .isEqualTo(key));
    table.clear();
    assertThat(table.size()).isZero();
    assertThat(table.find(text, 0, 5)).isEqualTo(-1);
    assertThat(table.add(text, 7, 9)).isZero();
  }
}
