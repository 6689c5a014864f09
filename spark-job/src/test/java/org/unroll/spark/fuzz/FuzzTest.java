// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.fuzz;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
      Double.parseDouble(System.getProperty("unroll.fuzz.minutes", "0.4"));
  private static final String TARGET = System.getProperty("unroll.fuzz.target", "");
  private static final Long SEED = Long.getLong("unroll.fuzz.seed");

  /** The longest that a case may take, in seconds. */
  private static final int LONGEST = 60;

  @TempDir static Path folder;

  private static ExecutorService executor;
  private static List<Target> targets;
  private static long mutations;

  @BeforeAll
  static void prepare() throws IOException {
    executor = Executors.newSingleThreadExecutor();
    targets = new ArrayList<>(Inputs.all(Files.createDirectory(folder.resolve("inputs"))));
    targets.addAll(Models.all(Files.createDirectory(folder.resolve("models"))));
    targets.addAll(Commands.all(Files.createDirectory(folder.resolve("commands"))));
    targets.removeIf(target -> !TARGET.isEmpty() && !target.name().equals(TARGET));
  }

  @AfterAll
  static void end() {
    executor.shutdownNow();
    System.out.println("fuzz: " + mutations + " mutations of " + targets.size() + " targets");
  }

  @TestFactory
  Stream<DynamicTest> damaged_bytes_are_read_or_refused_in_words() {
    return targets.stream().map(target -> dynamicTest(target.name(), () -> run(target)));
  }

  private static void run(Target target) throws Exception {
    if (SEED != null) {
      check(target, SEED);
      return;
    }
    int shares = targets.stream().mapToInt(Target::share).sum();
    long end = System.nanoTime() + (long) (MINUTES * 60e9 * target.share() / shares);
    long cases = 0;
    do {
      // The seeds are the same ones in each run; how far it gets depends on the time it has.
      check(target, RandomBits.key(target.name().hashCode(), cases++) >>> 16);
    } while (System.nanoTime() < end);
    mutations += cases;
    System.out.println("fuzz " + target.name() + ": " + cases + " mutations");
  }

  private static void check(Target target, long seed) throws Exception {
    Callable<Void> attempt =
        () -> {
          target.attempt().run(new Mutations(seed));
          return null;
        };
    try {
      executor.submit(attempt).get(LONGEST, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      fail("%s, seed %d: took longer than %d s", target.name(), seed, LONGEST);
    } catch (ExecutionException e) {
      fail("%s, seed %d".formatted(target.name(), seed), e.getCause());
    }
  }
}
