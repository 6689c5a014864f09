// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
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

  private static final List<String> USED = new ArrayList<>();
  private static Predicate<String> end = path -> false;
  private static boolean dead;

  /** Lets files be used until a path fits, and from then on no file at all. */
  public static synchronized void crashAt(Predicate<String> path) {
    USED.clear();
    dead = false;
    end = path;
  }

  /** Lets nobody use files from now on. */
  public static synchronized void crash() {
    dead = true;
  }

  /** Lets files be used without end. */
  public static void heal() {
    crashAt(path -> false);
  }

  /** Returns whether nobody can use files any more. */
  public static synchronized boolean isDead() {
    return dead;
  }

  /** Returns the paths that were used since files could be used again, in order. */
  public static synchronized List<String> used() {
    return List.copyOf(USED);
  }

  private static synchronized void use(String path) {
    dead = dead || end.test(path);
    if (dead) {
      throw new UncheckedIOException(new IOException("the process is dead"));
    }
    USED.add(path);
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
    use(path.toUri().getPath());
    return super.pathToFile(path);
  }
}
