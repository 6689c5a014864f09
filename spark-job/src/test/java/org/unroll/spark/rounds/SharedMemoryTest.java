// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
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

  private static void put(Ring ring, int number) {
    ByteBuffer slot = ring.free();
    while (slot.hasRemaining()) {
      slot.putInt(number);
    }
    ring.publish();
  }

  private static void expect(Ring ring, int number) {
    ByteBuffer slot = ring.next();
    assertThat(slot.remaining()).isEqualTo(1 << 12);
    while (slot.hasRemaining()) {
      assertThat(slot.getInt()).isEqualTo(number);
    }
    ring.release();
  }

  @Test
  void what_one_end_puts_into_a_slot_the_other_end_finds() throws IOException {
    SharedMemory opened = SharedMemory.open(folder, made.key());
    for (int turn = 0; turn < 2 * Ring.SLOTS; turn++) {
      put(made.there(), turn);
      put(opened.back(), -turn);
      expect(opened.there(), turn);
      expect(made.back(), -turn);
    }
  }

  @Test
  void what_a_killed_process_left_is_removed_by_the_next_one() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    String rest = "-" + UUID.randomUUID();
    Path left = Files.createFile(folder.resolve("unroll-" + ended.pid() + rest));
    Path foreign = Files.createFile(folder.resolve("unroll-notes"));
    SharedMemory.create(folder, 1 << 12);
    assertThat(left).doesNotExist();
    assertThat(foreign).exists();
    assertThat(file).exists();
    SharedMemory.sweep(folder.resolve("missing"));
  }

  @Test
  void slots_do_not_overlap_and_none_is_free_before_it_was_read() throws IOException {
    SharedMemory opened = SharedMemory.open(folder, made.key());
    for (int turn = 0; turn < Ring.SLOTS; turn++) {
      put(made.there(), turn);
      put(opened.back(), 100 + turn);
    }
    assertThat(made.there().free()).isNull();
    for (int turn = 0; turn < Ring.SLOTS; turn++) {
      expect(opened.there(), turn);
      expect(made.back(), 100 + turn);
    }
    assertThat(opened.there().next()).isNull();
    assertThat(made.there().free()).isNotNull();
  }

  @Test
  void an_end_that_waited_in_vain_is_told_once() throws IOException {
    Ring reads = SharedMemory.open(folder, made.key()).there();
    Ring writes = made.there();
    put(writes, 1);
    expect(reads, 1);
    assertThat(reads.next()).isNull();
    writes.free().putInt(2);
    assertThat(writes.publish()).isTrue();
    writes.free().putInt(3);
    assertThat(writes.publish()).as("nobody waits any more").isFalse();
    for (int i = 0; i < 2; i++) {
      assertThat(reads.next().remaining()).isEqualTo(Integer.BYTES);
      assertThat(reads.release()).isFalse();
    }
    for (int i = 0; i < Ring.SLOTS; i++) {
      put(writes, i);
    }
    assertThat(writes.free()).isNull();
    assertThat(reads.next()).isNotNull();
    assertThat(reads.release()).isTrue();
  }

  @Test
  void a_piece_without_a_size_that_can_be_is_refused() throws IOException {
    Ring reads = SharedMemory.open(folder, made.key()).there();
    made.there().free();
    made.there().publish();
    assertThatThrownBy(reads::next).hasMessage("a piece of 0 bytes cannot be");
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
    put(made.there(), 7);
    expect(opened.there(), 7);
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
    String name = "unroll-1-" + UUID.randomUUID();
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
