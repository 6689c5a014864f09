// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.RandomBits;

/**
 * Whatever reads what people, programs and disks may have damaged is given thousands of damaged
 * copies. It reads them, or says in words that they cannot be used; it does not throw anything
 * else, does not hang, and touches nothing besides.
 *
 * <p>For longer: {@code scripts/fuzz --minutes 60}. A case that fails is named with its target and
 * seed, and comes again with {@code scripts/fuzz --target NAME --seed SEED}.
 */
class FuzzTest {
  private static final double MINUTES =
      Double.parseDouble(System.getProperty("unroll.fuzz.minutes", "0.5"));
  private static final String TARGET = System.getProperty("unroll.fuzz.target", "");
  private static final Long SEED = Long.getLong("unroll.fuzz.seed");

  /** The longest that a case may take, in seconds. */
  private static final int LONGEST = 60;

  @TempDir static Path folder;

  private static ExecutorService executor;
  private static List<Target> targets;

  @BeforeAll
  static void prepare() throws IOException {
    executor = Executors.newSingleThreadExecutor();
    targets = Targets.all(folder);
  }

  @AfterAll
  static void end() {
    executor.shutdownNow();
  }

  @TestFactory
  Stream<DynamicTest> damaged_bytes_are_read_or_refused_in_words() {
    return targets.stream()
        .filter(target -> TARGET.isEmpty() || target.name().equals(TARGET))
        .map(target -> dynamicTest(target.name(), () -> run(target)));
  }

  private static void run(Target target) throws Exception {
    if (SEED != null) {
      check(target, SEED);
      return;
    }
    long end = System.nanoTime() + (long) (MINUTES * 60e9 / targets.size());
    long cases = 0;
    do {
      // The seeds are the same ones in each run; how far it gets depends on the time it has.
      check(target, RandomBits.key(target.name().hashCode(), cases++) >>> 16);
    } while (System.nanoTime() < end);
    System.out.println("fuzz " + target.name() + ": " + cases + " mutations");
    assertThat(cases).isPositive();
  }

  private static void check(Target target, long seed) throws Exception {
    Mutations mutations = new Mutations(seed);
    byte[] damaged = mutations.damage(mutations.one(target.wholes()));
    try {
      executor.submit(() -> read(target, damaged)).get(LONGEST, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      fail("%s, seed %d: took longer than %d s", target.name(), seed, LONGEST);
    } catch (ExecutionException e) {
      fail("%s, seed %d".formatted(target.name(), seed), e.getCause());
    }
  }

  /** Reads what was damaged; a refusal must say which file is meant. */
  private static Void read(Target target, byte[] damaged) throws Exception {
    try {
      target.reader().read(damaged);
    } catch (InputException e) {
      // What is wrong with all files of an input is said of the input.
      if (!e.getMessage().contains(target.named()) && !e.getMessage().contains("input")) {
        throw new IllegalStateException("no word of " + target.named(), e);
      }
    } catch (IOException e) {
      // Another attempt may succeed: tasks are tried again, and what they say is put in words.
    }
    return null;
  }

  /** Reads bytes that were damaged. */
  @FunctionalInterface
  interface Reader {
    void read(byte[] damaged) throws Exception;
  }

  /**
   * A reader with something that it can read.
   *
   * @param named what a refusal names
   */
  record Target(String name, List<byte[]> wholes, String named, Reader reader) {}

  /** Returns a reader of bytes that it finds in a file. */
  static Reader ofFile(Path file, FileReader reader) {
    return bytes -> {
      Files.write(file, bytes);
      reader.read(file);
    };
  }

  /** Reads a file whose content was damaged. */
  @FunctionalInterface
  interface FileReader {
    void read(Path file) throws Exception;
  }
}
