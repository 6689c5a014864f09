// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.unroll.spark.store.RegistryFolder;

/**
 * The model that is served: one of a folder for good, or that of a registry's alias, which is
 * looked up again and again. A new version is read beside the old one; requests under way end with
 * the one that they began with.
 */
public final class Models implements AutoCloseable {
  private final String path;
  private final Limits limits;
  private final int threads;
  private final Metrics metrics;
  private final Consumer<String> notes;
  private final ScheduledExecutorService looking;
  private volatile ServedModel current;
  private String folder;
  private String refused;

  /**
   * Reads the model.
   *
   * @param path folder of the model, or its place in a registry
   * @param every time after which a registry is looked at again
   * @param notes takes what is to be known of new versions
   * @throws org.unroll.rnn.io.InputException if there is none, or it cannot be read
   */
  Models(
      String path,
      Duration every,
      Limits limits,
      int threads,
      Metrics metrics,
      Consumer<String> notes) {
    this.path = path;
    this.limits = limits;
    this.threads = threads;
    this.metrics = metrics;
    this.notes = notes;
    boolean registry = RegistryFolder.isNamedBy(path);
    folder = registry ? RegistryFolder.resolve(path) : path;
    current = read();
    looking = registry ? Executors.newSingleThreadScheduledExecutor(Models::thread) : null;
    if (registry) {
      looking.scheduleWithFixedDelay(
          this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "unroll-registry");
    thread.setDaemon(true);
    return thread;
  }

  private ServedModel read() {
    boolean registry = RegistryFolder.isNamedBy(path);
    String version = registry ? lastName(folder).replaceFirst("^0+", "") : null;
    String id = lastName(registry ? path.replaceFirst("@[^/@]*$", "") : folder);
    return ServedModel.read(id, version, folder, limits, threads, metrics);
  }

  private static String lastName(String path) {
    String name = path.replaceFirst("/+$", "").replaceFirst(".*[/:]", "");
    return name.isEmpty() || name.equals(".") || name.equals("..") ? "model" : name;
  }

  private void look() {
    try {
      String now = RegistryFolder.resolve(path);
      if (now.equals(folder) || now.equals(refused)) {
        return;
      }
      refused = now;
      String before = folder;
      folder = now;
      try {
        ServedModel old = current;
        current = read();
        metrics.swap();
        notes.accept(
            "Version %s is served from now on, in place of %s."
                .formatted(current.version(), old.version()));
        old.retire();
      } catch (RuntimeException e) {
        folder = before;
        throw e;
      }
    } catch (RuntimeException e) {
      // The old one goes on; a registry may be away for a while.
      notes.accept("No new version was taken up: " + e.getMessage());
    }
  }

  /**
   * Returns the model for one request, which gives it back at its end with {@link
   * ServedModel#give}.
   */
  ServedModel take() {
    for (ServedModel model = current; ; model = current) {
      if (model.take()) {
        return model;
      }
    }
  }

  /** Ends with the requests under way, or after some patience. */
  void close(Duration patience) {
    if (looking != null) {
      looking.shutdownNow();
    }
    current.close(patience);
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }
}
