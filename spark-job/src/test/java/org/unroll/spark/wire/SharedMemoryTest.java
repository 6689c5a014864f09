// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedMemoryTest {
  @TempDir Path folder;
  private SharedMemory made;
  private Path file;

  @BeforeEach
  void make() throws IOException {
    made = SharedMemory.create(folder, 1 << 12);
    file = folder.resolve(made.key().name());
  }

  @Test
  void what_one_end_puts_into_a_slot_the_other_end_finds() throws IOException {
    SharedMemory opened = SharedMemory.open(folder, made.key());
    for (int turn = 0; turn < 2 * SharedMemory.SLOTS; turn++) {
      made.there().slot(turn).putInt(turn);
      opened.back().slot(turn).putInt(-turn);
      assertThat(opened.there().slot(turn).getInt()).isEqualTo(turn);
      assertThat(made.back().slot(turn).getInt()).isEqualTo(-turn);
    }
  }

  @Test
  void slots_do_not_overlap() throws IOException {
    for (int turn = 0; turn < SharedMemory.SLOTS; turn++) {
      for (SharedMemory.Ring ring : new SharedMemory.Ring[] {made.there(), made.back()}) {
        int mark = turn + (ring == made.back() ? 100 : 0);
        for (var slot = ring.slot(turn); slot.hasRemaining(); ) {
          slot.putInt(mark);
        }
      }
    }
    for (int turn = 0; turn < SharedMemory.SLOTS; turn++) {
      assertThat(made.there().slot(turn).getInt(0)).isEqualTo(turn);
      assertThat(made.there().slot(turn).getInt((1 << 12) - 4)).isEqualTo(turn);
      assertThat(made.back().slot(turn).getInt(0)).isEqualTo(100 + turn);
      assertThat(made.back().slot(turn).getInt((1 << 12) - 4)).isEqualTo(100 + turn);
    }
  }

  @Test
  void nobody_else_may_read_it() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void it_stays_for_those_who_have_it_when_its_file_is_gone() throws IOException {
    SharedMemory opened = SharedMemory.open(folder, made.key());
    made.delete(folder);
    assertThat(folder).isEmptyDirectory();
    made.there().slot(0).putInt(7);
    assertThat(opened.there().slot(0).getInt()).isEqualTo(7);
  }

  @Test
  void what_is_on_another_machine_is_not_opened(@TempDir Path other) throws IOException {
    assertThatThrownBy(() -> SharedMemory.open(other, made.key())).isInstanceOf(IOException.class);
    SharedMemory.Key key = new SharedMemory.Key(made.key().name(), UUID.randomUUID(), 1 << 12);
    assertThatThrownBy(() -> SharedMemory.open(folder, key))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("is not what the other process sees");
  }

  @Test
  void what_has_another_size_or_is_no_shared_memory_is_not_opened() throws IOException {
    SharedMemory.Key key = made.key();
    assertThatThrownBy(
            () -> SharedMemory.open(folder, new SharedMemory.Key(key.name(), key.secret(), 8)))
        .hasMessageContaining("36864 bytes instead of 4160");
    assertThatThrownBy(
            () -> SharedMemory.open(folder, new SharedMemory.Key(key.name(), key.secret(), -8)))
        .hasMessageContaining("cannot have -8 bytes");
    for (String name : new String[] {"../" + key.name(), "/etc/passwd", "unroll-"}) {
      assertThatThrownBy(
              () -> SharedMemory.open(folder, new SharedMemory.Key(name, key.secret(), 1 << 12)))
          .hasMessage(name + " is no name of shared memory");
    }
  }

  @Test
  void links_are_not_followed() throws IOException {
    String name = "unroll-" + UUID.randomUUID();
    Files.createSymbolicLink(folder.resolve(name), file);
    SharedMemory.Key key = new SharedMemory.Key(name, made.key().secret(), 1 << 12);
    assertThatThrownBy(() -> SharedMemory.open(folder, key)).isInstanceOf(IOException.class);
  }

  @Test
  void without_a_folder_there_is_none() {
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> SharedMemory.create(nowhere, 1 << 12)).isInstanceOf(IOException.class);
  }
}
