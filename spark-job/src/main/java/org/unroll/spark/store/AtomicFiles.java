// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.unroll.rnn.io.InputException;

/**
 * Writes files and folders that appear whole or not at all: under another name beside the final
 * one, then renamed.
 */
public final class AtomicFiles {

  /** The content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes the content to a stream, which stays open. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** The mark between a name and what makes its temporary siblings unique. */
  static final String MARK = ".unroll-";

  private AtomicFiles() {}

  /** Writes a file, in place of the one that may be there; missing parent folders are made. */
  public static void write(FileSystem fs, Path file, Content content) throws IOException {
    Path temporary = temporarySibling(file);
    fs.mkdirs(file.getParent());
    try {
      writeDurably(fs, temporary, content);
      move(fs, temporary, file);
    } finally {
      fs.delete(temporary, false);
    }
  }

  /**
   * Writes a file that is not there yet.
   *
   * @throws FileAlreadyExistsException if it is there, which is left as it is
   */
  static void writeNew(FileSystem fs, Path file, Content content) throws IOException {
    Path temporary = temporarySibling(file);
    fs.mkdirs(file.getParent());
    try {
      writeDurably(fs, temporary, content);
      moveNew(fs, temporary, file);
    } finally {
      fs.delete(temporary, false);
    }
  }

  /**
   * Writes a file that a person named, in place of the one that may be there.
   *
   * @param kind of the file, for messages, such as {@code picture}
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public static void write(String kind, String out, byte[] bytes) {
    HadoopFiles.Place file = HadoopFiles.at(out);
    try {
      write(file.fs(), file.path(), to -> to.write(bytes));
    } catch (IOException e) {
      throw HadoopFiles.unwritten("The " + kind + " " + HadoopFiles.show(file.path()), e);
    }
  }

  /**
   * Fails unless a file may be written that a person named.
   *
   * @param overwrite whether one that is there may be replaced
   * @throws InputException saying what is there, or why nothing can be written
   */
  public static void requireFree(String out, boolean overwrite) {
    HadoopFiles.Place place = HadoopFiles.at(out);
    Path file = place.path();
    HadoopFiles.using(file, () -> requireFree(place.fs(), file, overwrite));
    HadoopFiles.requireWritable(place.fs(), file);
  }

  private static boolean requireFree(FileSystem fs, Path file, boolean overwrite)
      throws IOException {
    boolean folder = fs.exists(file) && fs.getFileStatus(file).isDirectory();
    if (folder || !overwrite && fs.exists(file)) {
      throw new InputException(
          folder
              ? "The output " + HadoopFiles.show(file) + " is a folder; name a file."
              : ("The output %s is there already. Nothing was changed. Name a new file, or give"
                      + " --overwrite to replace it.")
                  .formatted(HadoopFiles.show(file)));
    }
    return true;
  }

  /**
   * Writes a new file and waits until it is on its disks, so that a rename cannot overtake the
   * content.
   */
  public static void writeDurably(FileSystem fs, Path file, Content content) throws IOException {
    try (FSDataOutputStream out = fs.create(file, false)) {
      content.writeTo(out);
      if (out.hasCapability(StreamCapabilities.HSYNC)) {
        out.hsync();
      }
    } catch (FSError e) {
      // What the local file system makes of a disk that is full.
      throw new IOException(HadoopFiles.reason(e.getCause()), e);
    }
  }

  /** Returns a name beside this one that nobody else uses and that listings of the folder hide. */
  public static Path temporarySibling(Path path) {
    return HadoopFiles.child(path.getParent(), "." + path.getName() + MARK + UUID.randomUUID());
  }

  /** Returns the pattern of the {@link #temporarySibling} names of paths that begin so. */
  public static Pattern isTemporary(String prefix) {
    return Pattern.compile(
        Pattern.quote("." + prefix) + "[^/]*" + Pattern.quote(MARK) + "[0-9a-f-]{36}");
  }

  /**
   * Renames a file or a folder. A file replaces the file that may be there; a folder only takes the
   * place of nothing or of an empty folder. {@link FileSystem#rename} is of no use for that: it
   * moves a folder into the one that is there.
   */
  public static void move(FileSystem fs, Path from, Path to) throws IOException {
    if (fs instanceof RawLocalFileSystem local) {
      try {
        Files.move(
            local.pathToFile(from).toPath(),
            local.pathToFile(to).toPath(),
            StandardCopyOption.ATOMIC_MOVE);
      } catch (NoSuchFileException e) {
        Path missing = fs.exists(from) ? to.getParent() : from;
        IOException gone = new IOException(HadoopFiles.show(missing) + " does not exist any more");
        gone.addSuppressed(e);
        throw gone;
      }
    } else {
      FileContext.getFileContext(fs.getUri(), fs.getConf())
          .rename(from, to, Options.Rename.OVERWRITE);
    }
  }

  /**
   * Renames a file or a folder to a name that nothing has. The local file system looks first and
   * then renames, so that two who do this at once need a lock.
   *
   * @throws FileAlreadyExistsException if something has the name, which is left as it is
   */
  static void moveNew(FileSystem fs, Path from, Path to) throws IOException {
    if (fs.exists(to)) {
      throw new FileAlreadyExistsException(HadoopFiles.show(to) + " is there already");
    }
    if (fs instanceof RawLocalFileSystem) {
      move(fs, from, to);
    } else {
      FileContext.getFileContext(fs.getUri(), fs.getConf()).rename(from, to);
    }
  }

  /**
   * Puts a finished folder in the place of the one that may be there. One that is full has to make
   * way and is moved aside first: no file system renames a folder over a full one. Killed between
   * these two renames, the old one is left under a hidden name beside it.
   */
  public static void putFolder(FileSystem fs, Path finished, Path path) throws IOException {
    if (HadoopFiles.list(fs, path).length == 0) {
      move(fs, finished, path);
      return;
    }
    Path aside = temporarySibling(path);
    move(fs, path, aside);
    try {
      move(fs, finished, path);
    } catch (IOException e) {
      try {
        move(fs, aside, path);
      } catch (IOException stuck) {
        e.addSuppressed(stuck);
        throw new IOException(
            HadoopFiles.reason(e) + "; what was there before is in " + HadoopFiles.show(aside), e);
      }
      throw e;
    }
    fs.delete(aside, true);
  }
}
