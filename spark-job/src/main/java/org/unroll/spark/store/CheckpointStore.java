// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.CheckpointFile;
import org.unroll.rnn.io.InputException;

/**
 * The checkpoints of one run in a folder on any Hadoop file system, a file each, named by the
 * rounds before it. Files appear whole or not at all. Other files in the folder are left alone.
 */
public final class CheckpointStore {
  private static final String PREFIX = "round-";
  private static final String SUFFIX = ".safetensors";
  private static final Pattern NAME = Pattern.compile(PREFIX + "[0-9]{12}" + Pattern.quote(SUFFIX));

  private final FileSystem fs;
  private final Path folder;
  private final int keep;
  private final Consumer<String> warnings;

  /**
   * A checkpoint that was found.
   *
   * @param file its path, for messages
   */
  public record Found(String file, CheckpointFile.Content content) {}

  /**
   * Opens the store in a folder, which need not exist.
   *
   * @param keep how many of the newest checkpoints stay
   * @param warnings hears of damaged files
   * @throws InputException if it is no folder
   */
  public CheckpointStore(String folder, int keep, Consumer<String> warnings) {
    this.keep = keep;
    this.warnings = warnings;
    HadoopFiles.Place place = HadoopFiles.at(folder);
    this.folder = place.path();
    fs = place.fs();
  }

  /** Returns the folder, for messages. */
  public String show() {
    return HadoopFiles.show(folder);
  }

  /**
   * Makes the folder, where writers that were killed leave nothing behind.
   *
   * @param out the model's folder
   */
  public void prepare(String out) {
    Path model = HadoopFiles.at(out).path();
    for (Path path = folder; path != null; path = path.getParent()) {
      if (path.equals(model)) {
        throw new InputException(
            ("The checkpoints cannot be in the model's folder %s, which holds a model and nothing"
                    + " else: name another --checkpoint-dir.")
                .formatted(HadoopFiles.show(model)));
      }
    }
    HadoopFiles.using(
        folder,
        () -> {
          delete(AtomicFiles.isTemporary(PREFIX));
          return fs.mkdirs(folder);
        });
    requireWritable();
  }

  /**
   * Fails unless files can be written here.
   *
   * @throws InputException naming the folder and the reason
   */
  public void requireWritable() {
    HadoopFiles.requireWritable(fs, folder, new Path(folder, PREFIX));
  }

  /** Lists the files whose names match, newest first. */
  private List<FileStatus> list(Pattern names) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    for (FileStatus status : HadoopFiles.list(fs, folder)) {
      if (status.getPath().equals(folder)) {
        throw new IOException("it is a file");
      }
      if (status.isFile() && names.matcher(status.getPath().getName()).matches()) {
        files.add(status);
      }
    }
    files.sort(Comparator.comparing((FileStatus f) -> f.getPath().getName()).reversed());
    return files;
  }

  /**
   * Returns the newest checkpoint without damage. Damaged ones are skipped with a warning and stay
   * where they are until a new one is written.
   *
   * @throws InputException if the folder cannot be read, or the file is of another version of the
   *     format
   */
  public Optional<Found> newest() {
    return HadoopFiles.using(folder, () -> list(NAME)).stream()
        .flatMap(status -> read(status.getPath()).stream())
        .findFirst();
  }

  private Optional<Found> read(Path file) {
    String name = HadoopFiles.show(file);
    try {
      Optional<String> damage;
      try (InputStream in = fs.open(file)) {
        damage = CheckpointFile.findDamage(in);
      }
      if (damage.isEmpty()) {
        try (InputStream in = new BufferedInputStream(fs.open(file))) {
          return Optional.of(new Found(name, CheckpointFile.read(in, name)));
        }
      }
      warnings.accept("Skipped the checkpoint " + name + ", which " + damage.get() + ".");
    } catch (IOException | FSError e) {
      warnings.accept(
          "Skipped the checkpoint %s, which cannot be read: %s."
              .formatted(name, HadoopFiles.reason(e)));
    }
    return Optional.empty();
  }

  /**
   * Writes a checkpoint, and then removes what it makes superfluous: all but the newest before it,
   * and those of later rounds, which were damaged when this run began.
   *
   * @param step rounds before it
   * @throws java.io.UncheckedIOException if it cannot be written; those before it are still there
   */
  public void write(long step, CheckpointFile.Content content) {
    Path file = new Path(folder, PREFIX + String.format(Locale.ROOT, "%012d", step) + SUFFIX);
    try {
      AtomicFiles.write(fs, file, out -> CheckpointFile.write(out, content));
      prune(file.getName());
    } catch (IOException e) {
      throw HadoopFiles.unwritten(HadoopFiles.show(file), e);
    }
  }

  private void prune(String newest) throws IOException {
    int older = 0;
    for (FileStatus status : list(NAME)) {
      int order = status.getPath().getName().compareTo(newest);
      if (order > 0 || order < 0 && ++older >= keep) {
        fs.delete(status.getPath(), false);
      }
    }
  }

  /** Returns the newest file, damaged or not, if there is one. */
  public Optional<String> newestFile() {
    return HadoopFiles.using(folder, () -> list(NAME)).stream()
        .map(status -> HadoopFiles.show(status.getPath()))
        .findFirst();
  }

  /** Removes all checkpoints, and the folder if nothing else is in it. */
  public void clear() {
    HadoopFiles.using(folder, () -> delete(NAME));
    removeIfEmpty();
  }

  private int delete(Pattern names) throws IOException {
    List<FileStatus> files = list(names);
    for (FileStatus file : files) {
      fs.delete(file.getPath(), false);
    }
    return files.size();
  }

  /** Removes the folder if nothing is in it, as after a failure before the first checkpoint. */
  public void removeIfEmpty() {
    try {
      if (fs.exists(folder) && fs.listStatus(folder).length == 0) {
        fs.delete(folder, false);
      }
    } catch (IOException e) {
      warnings.accept(
          "The folder " + show() + " could not be removed: " + HadoopFiles.reason(e) + ".");
    }
  }
}
