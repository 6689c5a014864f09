// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/** What a network takes is known before it is laid out, and never said to be more than it is. */
class NetworkSizeTest {
  static List<NetworkCase> cases() {
    return NetworkCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void parameters_are_those_of_the_layout_and_buffers_take_no_less(NetworkCase given) {
    Network network = new Network(given.spec());
    NetworkSize size = NetworkSize.of(given.spec());
    assertThat(size.parameters()).isEqualTo(network.layout().size());
    assertThat(size.fits()).isTrue();
    long some = Pass.bytes(network, new Pass.Size(64, 64, 64, 64));
    long more = Pass.bytes(network, new Pass.Size(128, 128, 64, 64));
    assertThat(4 * (size.packed() + 64 * size.step())).isLessThanOrEqualTo(some);
    assertThat(4 * 64 * size.step()).isLessThanOrEqualTo(more - some);
    assertThat(size.widest()).isLessThanOrEqualTo(size.step());
  }

  @Test
  void sizes_that_nothing_could_hold_are_told_at_once() {
    int large = 1_000_000_000;
    RnnSpec layers = RnnSpec.of(CellType.LSTM, large, large, large).with(Direction.BOTH);
    assertThat(NetworkSize.of(layers).parameters()).isGreaterThan(1e27);
    RnnSpec deep = RnnSpec.of(CellType.GRU, 1, 1, large);
    assertThat(NetworkSize.of(deep).parameters()).isEqualTo(12e9);
    NetworkSpec language = NetworkSpec.languageModel(large, deep, false, true, true);
    assertThat(NetworkSize.of(language).parameters()).isEqualTo(12e9 + 3e9 + 1e9);
    assertThat(NetworkSize.of(language).fits()).isFalse();
  }
}
