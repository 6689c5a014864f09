// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes of caches come from a property, from Linux, or from what is usual. */
class CachesTest {
  @TempDir Path folder;

  @Test
  void linux_tells_of_the_caches_of_a_core() throws IOException {
    cache(0, "1", "Data", "48K");
    cache(1, "1", "Instruction", "64K");
    cache(2, "2", "Unified", "2M");
    cache(3, "3", "Unified", "32768K");
    assertThat(Caches.of(folder)).isEqualTo(new Caches(48 << 10, 2 << 20));
  }

  @Test
  void what_is_not_told_is_as_usual() throws IOException {
    assertThat(Caches.of(folder.resolve("missing"))).isEqualTo(new Caches(32 << 10, 512 << 10));
    cache(0, "1", "Data", "64K");
    cache(1, "2", "Unified", "no size");
    assertThat(Caches.of(folder)).isEqualTo(new Caches(64 << 10, 512 << 10));
    Files.delete(folder.resolve("index0/size"));
    assertThat(Caches.of(folder)).isEqualTo(new Caches(32 << 10, 512 << 10));
  }

  @Test
  void a_property_gives_them() {
    assertThat(Caches.parse("32K,1M")).isEqualTo(new Caches(32 << 10, 1 << 20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "32K", "32K,", "32,512", "512K,32K", "1K,2K", "32K,999999M", "a,b"})
  void a_property_that_gives_none_is_an_error_that_shows_how(String given) {
    assertThatThrownBy(() -> Caches.parse(given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unroll.caches is '" + given + "'")
        .hasMessageContaining("32K,512K");
  }

  private void cache(int index, String level, String type, String size) throws IOException {
    Path cache = Files.createDirectory(folder.resolve("index" + index));
    Files.writeString(cache.resolve("level"), level + "\n");
    Files.writeString(cache.resolve("type"), type + "\n");
    Files.writeString(cache.resolve("size"), size + "\n");
  }
}
