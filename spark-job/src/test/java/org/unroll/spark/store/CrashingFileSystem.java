// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * Local files that nobody can use any more from some moment on. What is on the disk is then what a
 * process leaves that is killed at that moment: nothing behind it is written, renamed or cleaned
 * up, by anybody.
 */
public final class CrashingFileSystem extends RawLocalFileSystem {
  /** The options of a command that names files with {@code crash:}. */
  public static final String OPTIONS =
      " --conf spark.hadoop.fs.crash.impl=" + CrashingFileSystem.class.getName();

  private static final AtomicInteger USES = new AtomicInteger();
  private static volatile int last = Integer.MAX_VALUE;

  /** Lets files be used so many times from here on, and never again. */
  public static void crashAfter(int uses) {
    USES.set(0);
    last = uses;
  }

  /** Lets files be used without end. */
  public static void heal() {
    crashAfter(Integer.MAX_VALUE);
  }

  /** Returns how often files were used since the last call of one of the others. */
  public static int uses() {
    return USES.get();
  }

  @Override
  public URI getUri() {
    return URI.create("crash:///");
  }

  @Override
  public String getScheme() {
    return "crash";
  }

  @Override
  public File pathToFile(Path path) {
    if (USES.incrementAndGet() > last) {
      throw new UncheckedIOException(new IOException("the process is dead"));
    }
    return super.pathToFile(path);
  }
}
