// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.io.InputException;

class OutputClaimTest {
  private static final Duration SOON = Duration.ofMillis(1);

  @TempDir Path folder;
  private String out;
  private ClaimFiles files;

  @BeforeEach
  void name() {
    out = folder.resolve("out").toString();
    HadoopFiles.Place place = HadoopFiles.at(out);
    files = ClaimFiles.on(place.fs(), place.path());
  }

  private OutputClaim take() {
    return OutputClaim.take(out);
  }

  private OutputClaim take(Duration expiry, String command) {
    return ((OutputClaim.Mine) OutputClaim.tryTake(out, expiry, command)).claim();
  }

  /** What a run leaves that was killed. */
  private void leave(String owner) throws IOException {
    assertThat(files.takeFree("id\n" + owner)).isTrue();
    files.beat(1, 7);
  }

  /** Has another run take the owner of a claim for dead. */
  private void takeOver() throws IOException {
    while (!files.takeOver(files.look(), "other\nanother")) {
      // The heart has just been beating.
    }
  }

  @Test
  void a_second_run_is_refused_and_a_later_one_is_not() {
    try (OutputClaim first = take()) {
      assertThatThrownBy(this::take)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Another run is writing to " + folder.resolve("out"))
          .hasMessageContaining("process " + ProcessHandle.current().pid());
      first.requireMine();
    }
    take().close();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void who_has_a_folder_is_told_with_command_and_time() {
    Instant before = Instant.now().minusSeconds(2);
    Duration expiry = Duration.ofMinutes(10);
    try (OutputClaim mine = take(expiry, "unroll retrain")) {
      OutputClaim.Attempt second = OutputClaim.tryTake(out, expiry, "unroll registry");
      assertThat(second)
          .isInstanceOfSatisfying(
              OutputClaim.Held.class,
              held -> {
                assertThat(held.owner())
                    .startsWith("process " + ProcessHandle.current().pid() + " on ")
                    .endsWith(": unroll retrain");
                assertThat(held.since()).isBetween(before, Instant.now());
              });
      mine.requireMine();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void what_a_killed_run_left_is_taken_over() throws IOException {
    leave("process 1 on elsewhere");
    try (OutputClaim mine = take(SOON, "")) {
      mine.requireMine();
      assertThat(files.folder().getName()).isEqualTo(".out.unroll-claim");
      assertThat(folder.resolve(".out.unroll-claim")).isDirectoryContaining("glob:**/000002");
      assertThat(folder.resolve(".out.unroll-claim")).isDirectoryNotContaining("glob:**/000001*");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void a_run_that_was_killed_before_it_said_who_it_is_is_taken_over() throws IOException {
    Files.createDirectory(folder.resolve(".out.unroll-claim"));
    Files.createFile(folder.resolve(".out.unroll-claim/000001"));
    take(SOON, "").close();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void a_run_that_stood_still_is_told_that_another_took_over() throws IOException {
    try (OutputClaim mine = take()) {
      mine.requireMine();
      takeOver();
      assertThatThrownBy(mine::requireMine)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Another run took over " + out);
    }
    assertThat(files.isHeld(2, "other\nanother")).isTrue();
  }

  @Test
  void it_is_told_so_too_when_the_other_has_finished_and_yet_another_begun() throws IOException {
    try (OutputClaim mine = take()) {
      takeOver();
      files.release(2, "other\nanother");
      assertThatThrownBy(mine::requireMine).hasMessageContaining("Another run took over");
      leave("a third one");
      files.beat(1, 8); // The first run was just about to, when it stood still.
      assertThatThrownBy(mine::requireMine).hasMessageContaining("Another run took over");
    }
    assertThat(files.isHeld(1, "id\na third one")).isTrue();
  }

  @Test
  void of_many_who_know_that_a_run_is_dead_one_takes_over() throws Exception {
    for (int round = 0; round < 200; round++) {
      raceForDead(files, 4);
      assertThat(folder).isEmptyDirectory();
    }
  }

  /** Has several threads see the same dead claim and then take over, all at the same time. */
  static void raceForDead(ClaimFiles files, int threads) throws Exception {
    assertThat(files.takeFree("id\nkilled")).isTrue();
    ClaimFiles.Sight dead = files.look();
    AtomicInteger winner = new AtomicInteger();
    AtomicInteger winners = new AtomicInteger();
    race(
        threads,
        i -> {
          if (files.takeOver(dead, "id\nrun " + i)) {
            winner.set(i);
            winners.incrementAndGet();
          }
        });
    assertThat(winners).hasValue(1);
    assertThat(files.isHeld(2, "id\nrun " + winner.get())).isTrue();
    files.release(2, "id\nrun " + winner.get());
  }

  @Test
  void of_many_who_come_to_a_free_or_a_dead_claim_never_two_hold_it() throws Exception {
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger held = new AtomicInteger();
    leave("killed");
    ClaimFiles.Sight dead = files.look();
    race(
        4,
        i -> {
          for (int round = 0; round < 100; round++) {
            String owner = "id\nrun " + i + " " + round;
            boolean over = files.takeOver(dead, owner);
            if (over || files.look().isNobody() && files.takeFree(owner)) {
              assertThat(holders.incrementAndGet()).isOne();
              held.incrementAndGet();
              holders.decrementAndGet();
              files.release(over ? 2 : 1, owner);
            }
          }
        });
    assertThat(held).hasPositiveValue();
  }

  /** Work of one of several threads that begin at the same time. */
  private interface Racing {
    void run(int thread) throws IOException;
  }

  private static void race(int threads, Racing work) throws Exception {
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    List<Thread> all =
        IntStream.range(0, threads)
            .mapToObj(
                i ->
                    new Thread(
                        () -> {
                          try {
                            start.await(60, TimeUnit.SECONDS);
                            work.run(i);
                          } catch (Exception | AssertionError e) {
                            failures.add(e);
                          }
                        }))
            .toList();
    all.forEach(Thread::start);
    for (Thread thread : all) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }
}
