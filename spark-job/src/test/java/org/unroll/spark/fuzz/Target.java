// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.unroll.rnn.io.InputException;

/**
 * Something that reads what may be damaged, with what it reads.
 *
 * @param share of the time, beside those of others
 */
record Target(String name, int share, Attempt attempt) {
  /** The share of a reader, which tries hundreds of cases in a second. */
  static final int READER = 1;

  /** The share of a command, which takes up to a second. */
  static final int COMMAND = 6;

  /** Damages something and has it read; whatever is thrown is a failure. */
  @FunctionalInterface
  interface Attempt {
    void run(Mutations mutations) throws Exception;
  }

  /** Reads bytes that were damaged, and fails if it makes of them what it must not. */
  @FunctionalInterface
  interface Reader {
    void read(byte[] damaged) throws Exception;
  }

  /** Reads a file whose content was damaged. */
  @FunctionalInterface
  interface FileReader {
    void read(Path file) throws Exception;
  }

  /**
   * A reader of bytes, which may refuse them in words.
   *
   * @param names one of which a refusal has
   */
  static Target ofBytes(String name, List<byte[]> wholes, List<String> names, Reader reader) {
    return new Target(
        name,
        READER,
        mutations -> {
          byte[] damaged = mutations.damage(mutations.one(wholes));
          try {
            reader.read(damaged);
          } catch (InputException e) {
            requireWords(e, names);
          }
        });
  }

  /** A reader of a file in a folder. */
  static Target ofFile(Path file, byte[] whole, FileReader reader) {
    String name = file.getFileName().toString();
    return ofBytes(
        name,
        List.of(whole),
        List.of(name),
        damaged -> {
          Files.write(file, damaged);
          reader.read(file);
        });
  }

  /** A reader of a file among others, which is whole again afterwards. */
  static Target ofPart(String name, Path file, FileReader reader) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    return ofBytes(
        name,
        List.of(whole),
        List.of(file.getFileName().toString(), file.getParent().toString()),
        damaged -> {
          Files.write(file, damaged);
          try {
            reader.read(file);
          } finally {
            Files.write(file, whole);
          }
        });
  }

  private static void requireWords(InputException e, List<String> names) {
    // What is wrong with all files of an input is said of the input.
    if (names.stream().noneMatch(e.getMessage()::contains) && !e.getMessage().contains("input")) {
      throw new IllegalStateException("no word of " + names, e);
    }
  }
}
