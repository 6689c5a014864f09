// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.util.ThreadUtils;
import org.unroll.rnn.io.InputException;

/**
 * A run's hold on an output folder: a hidden file beside it, which the run writes anew every now
 * and then. Whoever finds one that does not change takes it over, as its run was killed.
 */
public final class OutputClaim implements AutoCloseable {
  private static final long RENEW_MILLIS = 2_000;
  private static final long DEAD_MILLIS = 10_000;
  private static final long LOOK_MILLIS = 200;

  private final FileSystem fs;
  private final Path folder;
  private final Path file;
  private final String owner;
  private final ScheduledExecutorService renewing;
  private long renewals;

  private OutputClaim(FileSystem fs, Path folder) throws IOException {
    this.fs = fs;
    this.folder = folder;
    this.file = HadoopFiles.child(folder.getParent(), "." + folder.getName() + ".unroll-claim");
    this.owner =
        "process " + ProcessHandle.current().pid() + " on " + host() + " " + UUID.randomUUID();
    take();
    this.renewing = ThreadUtils.newDaemonSingleThreadScheduledExecutor("unroll-claim");
    renewing.scheduleWithFixedDelay(this::renew, RENEW_MILLIS, RENEW_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Claims a folder, which need not exist. If there is a claim, waits until it is renewed, which
   * takes 2 seconds, or known to be dead, which takes 10.
   *
   * @throws InputException if another run has the folder
   */
  public static OutputClaim take(String folder) {
    HadoopFiles.Place place = HadoopFiles.at(folder);
    return take(place.fs(), place.path());
  }

  /** Claims a folder of a file system in the same way. */
  public static OutputClaim take(FileSystem fs, Path folder) {
    return HadoopFiles.using(folder.getParent(), () -> new OutputClaim(fs, folder));
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a machine without a name";
    }
  }

  private void take() throws IOException {
    fs.mkdirs(file.getParent());
    if (create()) {
      return;
    }
    String seen = read();
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEAD_MILLIS);
    while (System.nanoTime() < until) {
      pause();
      String now = read();
      if (now.isEmpty() && create()) {
        return;
      }
      if (!now.equals(seen)) {
        throw new InputException(
            ("Another run is writing to %s (%s). Nothing was changed. Wait until it has"
                    + " finished, or name another folder.")
                .formatted(HadoopFiles.show(folder), now.replaceFirst(" [0-9a-f-]{36}.*", "")));
      }
    }
    write();
    pause();
    requireMine();
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for another run", e);
    }
  }

  /** Makes the file unless it is there; returns whether it did. */
  private boolean create() throws IOException {
    try {
      if (fs instanceof RawLocalFileSystem local) { // whose own creation is not atomic
        Files.createFile(local.pathToFile(file).toPath());
      } else {
        fs.create(file, false).close();
      }
    } catch (java.nio.file.FileAlreadyExistsException | FileAlreadyExistsException e) {
      return false;
    }
    try {
      write();
      return true;
    } catch (IOException e) {
      fs.delete(file, false);
      throw e;
    }
  }

  private byte[] content() {
    return (owner + " " + renewals).getBytes(StandardCharsets.UTF_8);
  }

  private void write() throws IOException {
    AtomicFiles.write(fs, file, out -> out.write(content()));
  }

  /** Returns what the file says; empty if there is none. */
  private String read() throws IOException {
    try (InputStream in = fs.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      return "";
    }
  }

  private synchronized void renew() {
    try {
      if (read().startsWith(owner)) {
        renewals++;
        write();
      }
    } catch (IOException e) {
      // The next time may succeed; if not, requireMine tells who has the folder.
    }
  }

  /**
   * Fails if the claim was lost: this process stood still for so long that another run took it for
   * dead.
   */
  public synchronized void requireMine() {
    try {
      if (!read().startsWith(owner)) {
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
    renewing.shutdownNow();
    try {
      if (read().startsWith(owner)) {
        fs.delete(file, false);
      }
    } catch (IOException e) {
      // It is no longer renewed, so the next run takes it over.
    }
  }
}
