// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.ModelConfig;

/** The place of a model. It tells what is there now, and exchanges the whole folder. */
record ModelFolder(FileSystem fs, Path path) implements ModelSource {
  static final String CONFIG = "config.json";
  static final String PARAMS = "model.safetensors";
  static final String VOCABULARY = "vocabulary.tsv";
  static final String CHARACTERS = "characters.tsv";
  static final String TARGET = "vocabulary_target.tsv";
  static final String PROBE = "probe.safetensors";
  static final String METRICS = "metrics.jsonl";
  static final String REPORT = "report.html";
  static final String CARD = "README.md";

  /** What a registry has to tell of the model. */
  static final String VERSION = "version.json";

  /** The folder that Spark ML's readers look into, and its only file. */
  static final String METADATA = "metadata";

  static final String METADATA_FILE = METADATA + "/part-00000";

  private static final Set<String> FILES =
      Set.of(CONFIG, PARAMS, VOCABULARY, CHARACTERS, TARGET, PROBE, METRICS, REPORT, CARD, VERSION);

  /** The vocabularies of the second column of tokens and those behind it. */
  private static final Pattern MORE_VOCABULARIES = Pattern.compile("vocabulary_\\d+\\.tsv");

  private static final int NAMES_SHOWN = 5;

  /** Returns the folder at a path as a person writes it; it need not exist. */
  static ModelFolder at(String folder) {
    HadoopFiles.Place place = HadoopFiles.at(folder);
    ModelFolder model = new ModelFolder(place.fs(), place.path());
    if (place.path().isRoot()) {
      throw new InputException(
          "A model cannot be kept in the root folder " + model.show() + "; name another one.");
    }
    return model;
  }

  Path file(String name) {
    return new Path(path, name);
  }

  @Override
  public String show(String name) {
    return HadoopFiles.show(file(name));
  }

  @Override
  public InputStream open(String name) throws IOException {
    return fs.open(file(name));
  }

  @Override
  public long length(String name) {
    return HadoopFiles.using(file(name), () -> fs.getFileStatus(file(name)).getLen());
  }

  @Override
  public String show() {
    return HadoopFiles.show(path);
  }

  /**
   * Returns what is there now, which equals what was there before if nobody touched the folder in
   * between; nothing and an empty folder are the same.
   */
  Set<String> snapshot() {
    return Arrays.stream(list())
        .map(s -> s.getPath().getName() + " " + s.getLen() + " " + s.getModificationTime())
        .collect(Collectors.toSet());
  }

  private FileStatus[] list() {
    FileStatus[] entries = HadoopFiles.using(path, () -> HadoopFiles.list(fs, path));
    if (entries.length == 1 && entries[0].getPath().equals(path) && entries[0].isFile()) {
      throw new InputException(
          "The output " + show() + " is a file, but a model is a folder; name another one.");
    }
    return entries;
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
      boolean mine =
          status.isFile()
              ? FILES.contains(name) || MORE_VOCABULARIES.matcher(name).matches()
              : name.equals(METADATA);
      if (!mine) {
        foreign.add(name);
      }
    }
    if (foreign.isEmpty() && !names.contains(CONFIG)) {
      foreign = names;
    }
    if (!foreign.isEmpty()) {
      throw new InputException(
          ("The output folder %s holds files that belong to no model (%s). Nothing was"
                  + " changed. Name a new folder; --overwrite replaces a model and nothing else.")
              .formatted(show(), some(foreign)));
    }
    if (!names.isEmpty() && !overwrite) {
      InputException taken = taken("a model (" + some(names) + ")");
      throw names.contains(METRICS)
          ? new InputException(
              taken.getMessage()
                  + " To train it further, name a new folder and give --from "
                  + show()
                  + ".")
          : taken;
    }
    HadoopFiles.requireWritable(fs, path);
  }

  /** Returns the file of the vocabulary of a column of tokens. */
  static String vocabulary(int column) {
    return column == 0 ? VOCABULARY : "vocabulary_" + column + ".tsv";
  }

  /** Returns an error that says that there is what may only be replaced when asked for. */
  InputException taken(String what) {
    return new InputException(
        ("The output folder %s already holds %s. Nothing was changed. Name a new folder, or"
                + " give --overwrite to replace that model.")
            .formatted(show(), what));
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
      Object run = ModelConfig.read(in, show(CONFIG)).provenance().get(ModelStore.UNFINISHED_RUN);
      return run instanceof String name ? name : null;
    } catch (IOException | InputException | IllegalArgumentException e) {
      return null;
    }
  }

  /** Makes a new folder beside this one. */
  Path makeSibling() {
    Path sibling = AtomicFiles.temporarySibling(path);
    return HadoopFiles.using(
        path,
        () -> {
          if (!fs.mkdirs(sibling)) {
            throw new IOException("no folder can be made in " + HadoopFiles.show(path.getParent()));
          }
          return sibling;
        });
  }

  boolean exists() {
    return HadoopFiles.using(path, () -> fs.exists(path) && fs.getFileStatus(path).isDirectory());
  }

  @Override
  public boolean holds(String name) {
    return HadoopFiles.using(file(name), () -> fs.exists(file(name)));
  }

  /**
   * Returns the files of a model that are here beside some, but for what a registry has to tell.
   */
  List<String> others(Set<String> some) {
    return FILES.stream()
        .filter(name -> !some.contains(name) && !name.equals(VERSION) && holds(name))
        .sorted()
        .toList();
  }

  /** Finds whole models beside this place that an interrupted exchange left under a hidden name. */
  List<String> leftovers() {
    String temporary = "." + path.getName() + AtomicFiles.MARK;
    return HadoopFiles.using(
        path,
        () -> {
          List<String> found = new ArrayList<>();
          for (FileStatus status : HadoopFiles.list(fs, path.getParent())) {
            if (status.isDirectory()
                && status.getPath().getName().startsWith(temporary)
                && fs.exists(new Path(status.getPath(), CONFIG))) {
              found.add(HadoopFiles.show(status.getPath()));
            }
          }
          return found;
        });
  }
}
