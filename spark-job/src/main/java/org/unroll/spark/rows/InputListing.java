// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobExpander;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.HadoopFiles;

/** Finds the files that people mean by files, folders and patterns, in the order of their paths. */
public final class InputListing {
  private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");

  private final Configuration conf;
  private final Unpacking unpacking;
  private final Map<String, InputFile> files = new TreeMap<>();

  private InputListing(Configuration conf) {
    this.conf = conf;
    this.unpacking = new Unpacking(conf);
  }

  /**
   * Returns the files of all inputs, each once, ordered by path. In folders and among the matches
   * of a pattern, names that begin with {@code _} or {@code .} are left out.
   *
   * @throws InputException if an input gives no file
   */
  public static List<InputFile> list(List<String> inputs, Configuration conf) {
    if (inputs.isEmpty()) {
      throw new InputException("No input was given; name a file, a folder or a pattern.");
    }
    InputListing listing = new InputListing(conf);
    for (String input : inputs) {
      Path path = HadoopFiles.resolve(input, conf);
      try {
        listing.add(path);
      } catch (IOException e) {
        throw new InputException(
            "The input %s cannot be listed: %s. Check the path and its permissions."
                .formatted(HadoopFiles.show(path), HadoopFiles.reason(e)),
            e);
      }
    }
    return List.copyOf(listing.files.values());
  }

  private void add(Path path) throws IOException {
    FileSystem fs = HadoopFiles.fileSystem(path, conf);
    FileStatus status = statusOrNull(fs, path);
    if (status == null) {
      addMatches(fs, path);
    } else if (status.isDirectory()) {
      requireFiles(
          addTree(fs, status, ""), "The input folder " + HadoopFiles.show(path) + " has no files");
    } else if (status.getLen() == 0) {
      throw new InputException(
          "The input file "
              + HadoopFiles.show(path)
              + " is empty; there is nothing to learn from.");
    } else {
      addFile(status, path.getName());
    }
  }

  private void addMatches(FileSystem fs, Path pattern) throws IOException {
    if (!WILDCARD.matcher(pattern.toString()).find()) {
      throw new InputException(
          "There is no input "
              + HadoopFiles.show(pattern)
              + ". Check its name and folder; nothing was read.");
    }
    int found = 0;
    for (FileStatus match : matches(fs, pattern)) {
      String name = match.getPath().getName();
      if (isHidden(name)) {
        continue;
      }
      if (match.isDirectory()) {
        found += addTree(fs, match, name + "/");
      } else {
        addFile(match, name);
        found++;
      }
    }
    requireFiles(found, "No input file matches " + HadoopFiles.show(pattern));
  }

  /** Finds what matches as Hadoop does, which stumbles over names with colons. */
  private static List<FileStatus> matches(FileSystem fs, Path pattern) throws IOException {
    Set<Path> all = new TreeSet<>();
    for (String alternative : GlobExpander.expand(pattern.toUri().getPath())) {
      List<Path> paths = List.of(fs.makeQualified(new Path(Path.SEPARATOR)));
      for (String name : alternative.substring(1).split(Path.SEPARATOR)) {
        GlobFilter filter = new GlobFilter(name);
        List<Path> next = new ArrayList<>();
        for (Path path : paths) {
          if (!filter.hasPattern()) {
            next.add(HadoopFiles.child(path, name.replaceAll("\\\\(.)", "$1")));
          } else {
            Stream.of(HadoopFiles.list(fs, path))
                .map(FileStatus::getPath)
                .filter(found -> !found.equals(path) && filter.accept(found))
                .forEach(next::add);
          }
        }
        paths = next;
      }
      all.addAll(paths);
    }
    List<FileStatus> found = new ArrayList<>();
    for (Path path : all) {
      FileStatus status = statusOrNull(fs, path);
      if (status != null) {
        found.add(status);
      }
    }
    return found;
  }

  /** Adds all files under a folder and returns how many they are. */
  private int addTree(FileSystem fs, FileStatus folder, String prefix) throws IOException {
    int found = 0;
    for (FileStatus status : fs.listStatus(folder.getPath())) {
      String name = status.getPath().getName();
      if (isHidden(name)) {
        continue;
      }
      if (status.isDirectory()) {
        found += addTree(fs, status, prefix + name + "/");
      } else {
        addFile(status, prefix + name);
        found++;
      }
    }
    return found;
  }

  private void addFile(FileStatus status, String name) {
    Path path = status.getPath();
    if (unpacking.isRefused(path)) {
      throw new InputException(
          ("The input file %s is packed in a way that cannot be read. Unpack it, or pack it "
                  + "as .gz, .bz2 or .zst, one text file in each.")
              .formatted(HadoopFiles.show(path)));
    }
    InputFile file =
        new InputFile(
            path.toString(),
            name,
            status.getLen(),
            status.getModificationTime(),
            unpacking.isPacked(path));
    files.putIfAbsent(file.path(), file);
  }

  private static void requireFiles(int found, String problem) {
    if (found == 0) {
      throw new InputException(problem + " (names that begin with _ or . are left out).");
    }
  }

  private static boolean isHidden(String name) {
    return name.startsWith("_") || name.startsWith(".");
  }

  private static FileStatus statusOrNull(FileSystem fs, Path path) throws IOException {
    try {
      return fs.getFileStatus(path);
    } catch (FileNotFoundException e) {
      return null;
    }
  }
}
