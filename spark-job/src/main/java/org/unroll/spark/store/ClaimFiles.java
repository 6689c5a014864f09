// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The claims on a folder, in a hidden folder beside it: a file each, numbered, of which the highest
 * holds. It has its owner's words and is never written again. Beside it lies its heart, which its
 * owner writes anew every now and then.
 *
 * <p>A claim comes to be by making the file of the next number, which local file systems and HDFS
 * let only one of all succeed in. Object stores may let two write one file; there, the one whose
 * words stay has it, for which {@link #create} looks again.
 */
record ClaimFiles(FileSystem fs, Path folder) {
  /** For how long what others do at the same time may take to be seen, or to be taken back. */
  static final long LOOK_MILLIS = 200;

  private static final Pattern NUMBER = Pattern.compile("\\d{6}");
  private static final String HEART = ".heart";
  private static final int LIST_TRIES = 5;

  /**
   * What there is to see.
   *
   * @param number of the claim that holds; 0 if there is none
   * @param owner what the claim says
   * @param heart what its owner wrote last; empty if nothing
   * @param since when the claim came to be, in milliseconds of the file system's clock
   */
  record Sight(long number, String owner, String heart, long since) {
    static final Sight NOBODY = new Sight(0, "", "", 0);

    boolean isNobody() {
      return number == 0;
    }
  }

  /** Returns the claims on a folder. */
  static ClaimFiles on(FileSystem fs, Path folder) {
    String name = "." + folder.getName() + ".unroll-claim";
    return new ClaimFiles(fs, HadoopFiles.child(folder.getParent(), name));
  }

  private Path file(long number) {
    return new Path(folder, "%06d".formatted(number));
  }

  private Path heart(long number) {
    return new Path(folder, "%06d%s".formatted(number, HEART));
  }

  /** Returns the claim that holds. */
  Sight look() throws IOException {
    TreeMap<Long, FileStatus> claims = claims();
    if (claims.isEmpty()) {
      return Sight.NOBODY;
    }
    long number = claims.lastKey();
    long since = claims.get(number).getModificationTime();
    return new Sight(number, text(file(number)), text(heart(number)), since);
  }

  private TreeMap<Long, FileStatus> claims() throws IOException {
    TreeMap<Long, FileStatus> claims = new TreeMap<>();
    for (FileStatus status : list()) {
      if (NUMBER.matcher(status.getPath().getName()).matches()) {
        claims.put(Long.valueOf(status.getPath().getName()), status);
      }
    }
    return claims;
  }

  /** Lists the folder, again if its last owner removes it meanwhile. */
  private FileStatus[] list() throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        return HadoopFiles.list(fs, folder);
      } catch (IOException e) {
        if (tries == LIST_TRIES) {
          throw e;
        }
      }
    }
  }

  private String text(Path file) throws IOException {
    try (InputStream in = fs.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      return "";
    }
  }

  /** Claims the folder, which nobody was seen to hold; returns whether that succeeded. */
  boolean takeFree(String owner) throws IOException {
    return create(1, owner) && (isHeld(1, owner) && claims().size() == 1 || giveUp(1, owner));
  }

  /**
   * Claims the folder behind a claim that is known to be dead, once for all who know it.
   *
   * @return whether that succeeded; if not, somebody else has done so or the claim is alive
   */
  boolean takeOver(Sight dead, String owner) throws IOException {
    long next = dead.number() + 1;
    if (!look().equals(dead) || !create(next, owner)) {
      return false;
    }
    // Without the dead claim, another owner has come and gone in between, or others begin again.
    SortedMap<Long, FileStatus> earlier = claims().headMap(next);
    if (!isHeld(next, owner)
        || !earlier.containsKey(dead.number())
        || !text(file(dead.number())).equals(dead.owner())) {
      return giveUp(next, owner);
    }
    for (long number : earlier.keySet()) {
      delete(number);
    }
    return true;
  }

  private boolean giveUp(long number, String owner) throws IOException {
    if (text(file(number)).equals(owner)) {
      delete(number);
    }
    return false;
  }

  private void delete(long number) throws IOException {
    fs.delete(heart(number), false);
    fs.delete(file(number), false);
  }

  /** Makes the file of a number unless it is there; returns whether this owner did. */
  private boolean create(long number, String owner) throws IOException {
    Path file = file(number);
    OutputStream out = open(file);
    if (out == null) {
      return false;
    }
    try (out) {
      out.write(owner.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      fs.delete(file, false);
      throw e;
    }
    if (!(fs instanceof RawLocalFileSystem)) {
      pause();
    }
    return text(file).equals(owner);
  }

  /** Opens a file that is not there yet; returns null if it is, or was until just now. */
  private OutputStream open(Path file) throws IOException {
    if (fs instanceof RawLocalFileSystem local) {
      return open(local.pathToFile(file).toPath());
    }
    try {
      return fs.create(file, false);
    } catch (FileAlreadyExistsException e) {
      return null;
    } catch (IOException e) {
      if (fs.exists(file)) { // HDFS has other words while it is written
        return null;
      }
      throw e;
    }
  }

  /** Does so on the local file system, whose own creation is not atomic. */
  private static OutputStream open(java.nio.file.Path file) throws IOException {
    try {
      Files.createDirectories(file.getParent());
      return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      return null; // The last owner has removed the folder since.
    } catch (java.nio.file.FileAlreadyExistsException e) {
      if (Files.isRegularFile(file.getParent())) {
        throw e;
      }
      return null;
    }
  }

  static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for another run", e);
    }
  }

  /** Returns whether a claim holds and is this owner's. */
  boolean isHeld(long number, String owner) throws IOException {
    TreeMap<Long, FileStatus> claims = claims();
    return !claims.isEmpty() && claims.lastKey() == number && text(file(number)).equals(owner);
  }

  /** Shows that the owner of a claim is alive. A heart is no claim: the dead cannot awake by it. */
  void beat(long number, long beats) throws IOException {
    try (OutputStream out = fs.create(heart(number), true)) {
      out.write(Long.toString(beats).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Removes an owner's claim, and the folder behind the last one. */
  void release(long number, String owner) throws IOException {
    giveUp(number, owner);
    if (claims().isEmpty()) {
      for (FileStatus heart : list()) {
        if (heart.getPath().getName().endsWith(HEART)) {
          fs.delete(heart.getPath(), false);
        }
      }
      deleteEmpty();
    }
  }

  private void deleteEmpty() throws IOException {
    try {
      if (fs instanceof RawLocalFileSystem local) { // which would delete what has just come
        Files.deleteIfExists(local.pathToFile(folder).toPath());
      } else {
        fs.delete(folder, false);
      }
    } catch (DirectoryNotEmptyException e) {
      // Somebody has come since, and maybe gone again: who goes last removes the folder.
    } catch (IOException e) {
      if (claims().isEmpty()) {
        throw e;
      }
    }
  }
}
