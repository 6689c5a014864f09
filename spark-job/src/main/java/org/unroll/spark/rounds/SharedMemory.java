// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shared memory is memory of this machine that two processes of one user see: a {@link Ring} for
 * each direction. A process makes it as a file in a folder that is kept in memory, tells the other
 * its name and the secret in it, and deletes the file when the other has it open. A process that is
 * killed in between leaves the file, whose name tells whose it was: whoever comes next on the
 * machine removes it.
 *
 * @param key what the other end opens it by
 * @param there the ring from the process that made the memory
 * @param back the ring to that process
 */
record SharedMemory(Key key, Ring there, Ring back) {
  /** The bytes of a page: the secret, then the heads of the rings. */
  private static final int HEAD_BYTES = 1 << 12;

  private static final int RINGS_AT = 128;
  private static final int MAX_SLOT_BYTES = 1 << 26;
  private static final Pattern NAME = Pattern.compile("unroll-([0-9]{1,18})-[0-9a-f-]{36}");
  private static final FileAttribute<Set<PosixFilePermission>> OURS_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** A key is what the other end must know to open it. */
  record Key(String name, UUID secret, int slotBytes) {}

  private static SharedMemory of(Key key, ByteBuffer memory) {
    int slots = key.slotBytes();
    int backAt = HEAD_BYTES + Ring.SLOTS * slots;
    return new SharedMemory(
        key,
        new Ring(memory, RINGS_AT, HEAD_BYTES, slots),
        new Ring(memory, RINGS_AT + Ring.HEAD_BYTES, backAt, slots));
  }

  /**
   * Makes memory that belongs to nobody else yet.
   *
   * @param folder of files in memory
   * @throws IOException if there is no such folder, or not enough of it
   */
  static SharedMemory create(Path folder, int slotBytes) throws IOException {
    sweep(folder);
    String name = "unroll-%d-%s".formatted(ProcessHandle.current().pid(), UUID.randomUUID());
    Key key = new Key(name, UUID.randomUUID(), slotBytes);
    Path file = folder.resolve(key.name());
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            OURS_ALONE)) {
      fill(channel, size(slotBytes));
      ByteBuffer memory = map(channel, slotBytes);
      memory.putLong(0, key.secret().getMostSignificantBits());
      memory.putLong(Long.BYTES, key.secret().getLeastSignificantBits());
      return of(key, memory);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /**
   * Removes what processes that have ended left in a folder. Those of another container, who seem
   * to have, find no memory to share then and use the network.
   */
  static void sweep(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "unroll-*")) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Another user's, or there is no such folder: nothing is to be tidied there.
    }
  }

  /** A map of what is not there yet would end the process when it is first used. */
  private static void fill(FileChannel channel, long bytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 16);
    for (long at = 0; at < bytes; ) {
      at += channel.write(zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at)), at);
    }
  }

  /**
   * Opens what another process made.
   *
   * @param folder of files in memory
   * @throws IOException if it is not there, as on another machine, or not the same
   */
  static SharedMemory open(Path folder, Key key) throws IOException {
    int slotBytes = key.slotBytes();
    if (slotBytes < Long.BYTES || slotBytes > MAX_SLOT_BYTES || slotBytes % Long.BYTES != 0) {
      throw new IOException("slots of shared memory cannot have " + slotBytes + " bytes");
    }
    if (!NAME.matcher(key.name()).matches()) {
      throw new IOException(key.name() + " is no name of shared memory");
    }
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve(key.name()),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS)) {
      if (channel.size() != size(slotBytes)) {
        throw new IOException(
            key.name() + " has " + channel.size() + " bytes instead of " + size(slotBytes));
      }
      ByteBuffer memory = map(channel, slotBytes);
      if (!new UUID(memory.getLong(0), memory.getLong(Long.BYTES)).equals(key.secret())) {
        throw new IOException(key.name() + " is not what the other process sees");
      }
      return of(key, memory);
    }
  }

  private static long size(int slotBytes) {
    return HEAD_BYTES + 2L * Ring.SLOTS * slotBytes;
  }

  private static ByteBuffer map(FileChannel channel, int slotBytes) throws IOException {
    return channel.map(FileChannel.MapMode.READ_WRITE, 0, size(slotBytes));
  }

  /** Takes its name away; those who have it open keep it. */
  void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(key.name()));
  }
}
