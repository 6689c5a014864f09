// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.ThreadUtils;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.ClaimFiles.Sight;

/**
 * A run's hold on a folder: the highest of numbered files in a hidden folder beside it, with a
 * heart that beats every 2 seconds. Whoever sees a heart stand still for a whole expiry takes its
 * run for dead, and takes over by making the next number, in which only one succeeds. No clocks of
 * machines are compared.
 *
 * <p>On local file systems and HDFS, where a file is made by one alone, two never hold a folder at
 * the same time but for a run that stood still and does not know yet: before it changes anything,
 * it asks {@link #requireMine}. On object stores the last of two writers of one file has it; each
 * looks again 200 ms later, so that both could hold only if a write took longer than that to be
 * seen.
 */
public final class OutputClaim implements AutoCloseable {
  private static final long BEAT_MILLIS = 2_000;
  private static final Duration EXPIRY = Duration.ofSeconds(10);

  private final Path folder;
  private final ClaimFiles files;
  private final long number;
  private final String owner;
  private final ScheduledExecutorService heart;
  private long beats;

  /** What comes of trying to have a folder: the claim, or who has it. */
  public sealed interface Attempt permits Mine, Held {}

  /** A claim that this run has from now on, until it closes it. */
  public record Mine(OutputClaim claim) implements Attempt {}

  /**
   * Another's hold.
   *
   * @param owner its process, host and command, in words
   * @param since when it began, by the clock of the file system
   */
  public record Held(String owner, Instant since) implements Attempt {
    private static Held of(Sight sight) {
      String[] lines = sight.owner().split("\n", 2);
      return new Held(
          lines.length < 2 ? "a run that has just begun" : lines[1],
          Instant.ofEpochMilli(sight.since()).truncatedTo(ChronoUnit.SECONDS));
    }

    /** Returns who it is and since when, in words. */
    public String words() {
      return "%s, since %s".formatted(owner, since);
    }
  }

  private OutputClaim(Path folder, ClaimFiles files, long number, String owner) {
    this.folder = folder;
    this.files = files;
    this.number = number;
    this.owner = owner;
    this.heart = ThreadUtils.newDaemonSingleThreadScheduledExecutor("unroll-claim");
    heart.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Claims a folder, which need not exist. If there is a claim, waits until its heart beats, which
   * takes 2 seconds, or it is known to be dead, which takes 10.
   *
   * @throws InputException if another run has the folder
   */
  public static OutputClaim take(String folder) {
    HadoopFiles.Place place = HadoopFiles.at(folder);
    return take(place.fs(), place.path());
  }

  /** Claims a folder of a file system in the same way. */
  public static OutputClaim take(FileSystem fs, Path folder) {
    Attempt attempt = tryTake(fs, folder, EXPIRY, "");
    if (attempt instanceof Held held) {
      throw new InputException(
          ("Another run is writing to %s (%s). Nothing was changed. Wait until it has finished, or"
                  + " name another folder.")
              .formatted(HadoopFiles.show(folder), held.words()));
    }
    return ((Mine) attempt).claim();
  }

  /**
   * Claims a folder, which need not exist, or tells who has it, as soon as a heart is seen to beat.
   *
   * @param expiry for how long a heart must stand still before its run is taken for dead: more than
   *     the 2 seconds from beat to beat, and more than a run can stand still and live
   * @param command what this run is, told to others
   */
  public static Attempt tryTake(String folder, Duration expiry, String command) {
    HadoopFiles.Place place = HadoopFiles.at(folder);
    return tryTake(place.fs(), place.path(), expiry, command);
  }

  private static Attempt tryTake(FileSystem fs, Path folder, Duration expiry, String command) {
    String owner =
        "%s\nprocess %s on %s%s"
            .formatted(
                UUID.randomUUID(),
                ProcessHandle.current().pid(),
                host(),
                command.isEmpty() ? "" : ": " + command);
    ClaimFiles files = ClaimFiles.on(fs, folder);
    return HadoopFiles.using(
        folder.getParent(),
        () -> {
          while (true) {
            Sight seen = files.look();
            if (seen.isNobody()) {
              if (files.takeFree(owner)) {
                return new Mine(new OutputClaim(folder, files, 1, owner));
              }
              continue;
            }
            Sight then = watch(files, seen, expiry);
            if (then.equals(seen) && files.takeOver(seen, owner)) {
              return new Mine(new OutputClaim(folder, files, seen.number() + 1, owner));
            }
            Sight now = files.look();
            if (!now.isNobody()) {
              return Held.of(now);
            }
          }
        });
  }

  /** Returns what is to be seen as soon as it changes; the same if it does not until the expiry. */
  private static Sight watch(ClaimFiles files, Sight seen, Duration expiry) throws IOException {
    long until = System.nanoTime() + expiry.toNanos();
    Sight now = seen;
    while (now.equals(seen) && System.nanoTime() < until) {
      ClaimFiles.pause();
      now = files.look();
    }
    return now;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a machine without a name";
    }
  }

  private synchronized void beat() {
    try {
      if (files.isHeld(number, owner)) {
        beats++;
        files.beat(number, beats);
      }
    } catch (IOException e) {
      // The next time may succeed; if not, requireMine tells who has the folder.
    }
  }

  /**
   * Fails if the claim was lost: this process stood still for so long that another run took it for
   * dead. To be called before whatever others are to see.
   */
  public synchronized void requireMine() {
    try {
      if (files.isHeld(number, owner)) {
        return;
      }
      ClaimFiles.pause(); // Who has made a number by mistake takes it back at once.
      if (!files.isHeld(number, owner)) {
        throw new InputException(
            ("Another run took over %s while this one stood still. Nothing was changed by"
                    + " this run; start it again when the other one has finished.")
                .formatted(HadoopFiles.show(folder)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives the folder free. */
  @Override
  public synchronized void close() {
    heart.shutdownNow();
    try {
      files.release(number, owner);
    } catch (IOException e) {
      // The heart no longer beats, so the next run takes over.
    }
  }
}
