// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.ModelConfig;

/** The place of a model. It tells what is there now, and exchanges the whole folder. */
final class ModelFolder {
  static final String CONFIG = "config.json";
  static final String PARAMS = "model.safetensors";
  static final String VOCABULARY = "vocabulary.tsv";
  static final String CHARACTERS = "characters.tsv";
  static final String PROBE = "probe.safetensors";
  static final String METRICS = "metrics.jsonl";
  static final String REPORT = "report.html";

  static final String UNFINISHED_RUN = "unfinished_run";

  private static final Set<String> FILES =
      Set.of(CONFIG, PARAMS, VOCABULARY, CHARACTERS, PROBE, METRICS, REPORT);

  /** The vocabularies of the second column of tokens and those behind it. */
  private static final Pattern MORE_VOCABULARIES = Pattern.compile("vocabulary_\\d+\\.tsv");

  private static final int NAMES_SHOWN = 5;

  private final FileSystem fs;
  private final Path path;

  private ModelFolder(FileSystem fs, Path path) {
    this.fs = fs;
    this.path = path;
  }

  /** Returns the folder at a path as a person writes it; it need not exist. */
  static ModelFolder at(String folder, Configuration conf) {
    Path path = HadoopFiles.resolve(folder, conf);
    if (path.isRoot()) {
      throw new InputException(
          "A model cannot be kept in the root folder "
              + HadoopFiles.show(path)
              + "; name another one.");
    }
    try {
      return new ModelFolder(HadoopFiles.fileSystem(path, conf), path);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  FileSystem fs() {
    return fs;
  }

  Path file(String name) {
    return new Path(path, name);
  }

  /** Returns a file of the folder as messages name it. */
  String show(String name) {
    return HadoopFiles.show(file(name));
  }

  String show() {
    return HadoopFiles.show(path);
  }

  /** A look at a folder, which equals another one if nobody touched the folder between them. */
  record Snapshot(List<String> entries) {}

  /** Looks at what is there now; nothing and an empty folder are the same. */
  Snapshot snapshot() {
    List<String> entries = new ArrayList<>();
    for (FileStatus status : list()) {
      entries.add(
          status.getPath().getName() + " " + status.getLen() + " " + status.getModificationTime());
    }
    entries.sort(null);
    return new Snapshot(entries);
  }

  private FileStatus[] list() {
    try {
      FileStatus[] entries = fs.listStatus(path);
      if (entries.length == 1 && entries[0].getPath().equals(path) && entries[0].isFile()) {
        throw new InputException(
            "The output " + show() + " is a file, but a model is a folder; name another one.");
      }
      return entries;
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /**
   * Fails unless a model may be written here: to nothing, an empty folder or, if so wished, over a
   * model.
   */
  void requireFree(boolean overwrite) {
    List<String> names = new ArrayList<>();
    List<String> foreign = new ArrayList<>();
    for (FileStatus status : list()) {
      String name = status.getPath().getName();
      names.add(name);
      if (!status.isFile() || !isOfModel(name)) {
        foreign.add(name);
      }
    }
    if (foreign.isEmpty() && !names.contains(CONFIG)) {
      foreign = names;
    }
    if (!foreign.isEmpty()) {
      throw new InputException(
          "The output folder "
              + show()
              + " holds files that belong to no model ("
              + some(foreign)
              + "). Nothing was changed. Name a new folder; --overwrite replaces a model and"
              + " nothing else.");
    }
    if (!names.isEmpty() && !overwrite) {
      throw taken("a model (" + some(names) + ")");
    }
  }

  private static boolean isOfModel(String name) {
    return FILES.contains(name) || MORE_VOCABULARIES.matcher(name).matches();
  }

  /** Returns the file of the vocabulary of a column of tokens. */
  static String vocabulary(int column) {
    return column == 0 ? VOCABULARY : "vocabulary_" + column + ".tsv";
  }

  /** Returns an error that says that there is what may only be replaced when asked for. */
  InputException taken(String what) {
    return new InputException(
        "The output folder "
            + show()
            + " already holds "
            + what
            + ". Nothing was changed. Name a new folder, or give --overwrite to replace that"
            + " model.");
  }

  private static String some(List<String> names) {
    String shown = names.stream().sorted().limit(NAMES_SHOWN).collect(Collectors.joining(", "));
    int more = names.size() - NAMES_SHOWN;
    return more > 0 ? shown + " and " + more + " more" : shown;
  }

  /**
   * Returns what an unfinished training wrote into its model to know it again; null if there is no
   * model or it is finished.
   */
  String unfinishedRun() {
    try (InputStream in = fs.open(file(CONFIG))) {
      Object run = ModelConfig.read(in, show(CONFIG)).provenance().get(UNFINISHED_RUN);
      return run instanceof String name ? name : null;
    } catch (IOException | InputException e) {
      return null;
    }
  }

  /** Makes a new folder beside this one, which also shows that there is the permission to. */
  Path makeSibling() {
    Path sibling = AtomicFiles.temporarySibling(path);
    try {
      if (!fs.mkdirs(sibling)) {
        throw new IOException("no folder can be made in " + HadoopFiles.show(path.getParent()));
      }
      return sibling;
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /** Puts a finished folder here; see {@link AtomicFiles#putFolder}. */
  void put(Path finished) throws IOException {
    AtomicFiles.putFolder(fs, finished, path);
  }

  boolean exists() {
    try {
      return fs.getFileStatus(path).isDirectory();
    } catch (FileNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /** Returns whether there is such a file. */
  boolean holds(String name) {
    try {
      return fs.exists(file(name));
    } catch (IOException e) {
      throw unusable(file(name), e);
    }
  }

  /** Finds whole models beside this place that an interrupted exchange left under a hidden name. */
  List<String> leftovers() {
    List<String> found = new ArrayList<>();
    try {
      Path pattern = new Path(path.getParent(), "." + path.getName() + AtomicFiles.MARK + "*");
      FileStatus[] matches = fs.globStatus(pattern);
      for (FileStatus status : matches == null ? new FileStatus[0] : matches) {
        if (status.isDirectory() && fs.exists(new Path(status.getPath(), CONFIG))) {
          found.add(HadoopFiles.show(status.getPath()));
        }
      }
    } catch (IOException e) {
      throw unusable(path, e);
    }
    return found;
  }

  static InputException unusable(Path path, IOException e) {
    return new InputException(
        "The folder "
            + HadoopFiles.show(path)
            + " cannot be used: "
            + HadoopFiles.reason(e)
            + ". Check the path and its permissions.",
        e);
  }
}
