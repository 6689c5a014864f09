// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Source;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputFiles;
import org.unroll.spark.store.AtomicFiles;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.OutputClaim;

/**
 * The place of a prepared corpus while a run has it. A new corpus is written beside it and moved
 * there when it is whole; shards that are added to one are not part of it until {@code corpus.json}
 * says so, which is replaced last.
 */
final class CorpusFolder implements AutoCloseable {
  private static final Set<String> FILES =
      Set.of(
          PreparedCorpus.DESCRIPTION,
          PreparedCorpus.VOCABULARY,
          PreparedCorpus.TARGET_VOCABULARY,
          PreparedCorpus.SHARDS);
  private static final int NAMES_SHOWN = 5;

  private final FileSystem fs;
  private final Path path;
  private final OutputClaim claim;
  private final PreparedCorpus before;
  private final Path work;

  private CorpusFolder(Path path, Configuration conf, boolean overwrite) throws IOException {
    this.fs = HadoopFiles.fileSystem(path, conf);
    this.path = path;
    requireOurs();
    HadoopFiles.requireWritable(path.toString());
    this.claim = OutputClaim.take(fs, path);
    boolean done = false;
    try {
      removeLeftovers();
      boolean adding = !overwrite && fs.exists(new Path(path, PreparedCorpus.DESCRIPTION));
      this.before = adding ? PreparedCorpus.open(path.toString(), conf) : null;
      this.work = adding ? path : AtomicFiles.temporarySibling(path);
      fs.mkdirs(new Path(work, PreparedCorpus.SHARDS));
      done = true;
    } finally {
      if (!done) {
        claim.close();
      }
    }
  }

  /**
   * Takes a folder for a run.
   *
   * @param overwrite whether a corpus that is there is to be replaced
   * @throws InputException if there is something else, or another run has it
   */
  static CorpusFolder take(String out, Configuration conf, boolean overwrite) {
    Path path = HadoopFiles.resolve(out, conf);
    if (path.isRoot()) {
      throw new InputException(
          "A corpus cannot be kept in the root folder "
              + HadoopFiles.show(path)
              + "; name another one.");
    }
    try {
      return new CorpusFolder(path, conf, overwrite);
    } catch (IOException e) {
      throw new InputException(
          "The output folder %s cannot be used: %s. Check the path and its permissions."
              .formatted(HadoopFiles.show(path), HadoopFiles.reason(e)),
          e);
    }
  }

  private void requireOurs() throws IOException {
    List<String> names =
        Stream.of(list(path)).map(status -> status.getPath().getName()).sorted().toList();
    boolean corpus = names.isEmpty() || names.contains(PreparedCorpus.DESCRIPTION);
    if (!corpus || !FILES.containsAll(names)) {
      List<String> shown =
          names.stream().filter(name -> !FILES.contains(name)).limit(NAMES_SHOWN).toList();
      throw new InputException(
          ("The output folder %s holds files that belong to no prepared corpus%s."
                  + " Nothing was changed. Name a new folder, or that of a prepared corpus.")
              .formatted(
                  HadoopFiles.show(path),
                  shown.isEmpty() ? "" : " (" + String.join(", ", shown) + ")"));
    }
  }

  private FileStatus[] list(Path folder) throws IOException {
    FileStatus[] entries = HadoopFiles.list(fs, folder);
    if (entries.length == 1 && entries[0].getPath().equals(folder) && entries[0].isFile()) {
      throw new InputException(
          "The output %s is a file, but a corpus is a folder; name another one."
              .formatted(HadoopFiles.show(folder)));
    }
    return entries;
  }

  /** Removes what runs that were killed left beside the folder. */
  private void removeLeftovers() throws IOException {
    Pattern temporary = AtomicFiles.isTemporary(path.getName());
    for (FileStatus status : list(path.getParent())) {
      if (temporary.matcher(status.getPath().getName()).matches()
          && fs.exists(new Path(status.getPath(), PreparedCorpus.SHARDS))
          && !fs.exists(new Path(status.getPath(), PreparedCorpus.DESCRIPTION))) {
        fs.delete(status.getPath(), true);
      }
    }
  }

  /** The corpus that is there and is added to; null for none. */
  PreparedCorpus before() {
    return before;
  }

  /**
   * Returns the files that the corpus that is added to has not.
   *
   * @throws InputException if one that it has was changed since, or has other lines beside its own
   */
  InputFiles newFiles(InputFiles files) {
    if (!files.targets().isEmpty()) {
      files.requirePairs();
    }
    Set<String> known = new HashSet<>();
    before.description().sources().forEach(source -> known.add(source.path()));
    List<InputFile> added = new ArrayList<>();
    List<InputFile> targets = new ArrayList<>();
    for (int f = 0; f < files.files().size(); f++) {
      InputFile file = files.files().get(f);
      InputFile target = files.targets().isEmpty() ? null : files.targets().get(f);
      boolean has = known.contains(file.path());
      if (target != null && has != known.contains(target.path())) {
        throw new InputException(
            ("The corpus has lines of %s, but none of %s, which go with them. Nothing was changed"
                    + " in it. Give the files that it was prepared from, or prepare all text again"
                    + " with --overwrite.")
                .formatted((has ? file : target).name(), (has ? target : file).name()));
      }
      if (!has) {
        added.add(file);
        targets.addAll(target == null ? List.of() : List.of(target));
      }
    }
    requireUnchanged(files.all());
    return new InputFiles(added, targets);
  }

  private void requireUnchanged(List<InputFile> files) {
    Map<String, Source> known = new HashMap<>();
    before.description().sources().forEach(source -> known.put(source.path(), source));
    for (InputFile file : files) {
      Source source = known.get(file.path());
      if (source != null
          && (source.bytes() != file.bytes() || source.modified() != file.modified())) {
        throw new InputException(
            "The input file "
                + file.path().replaceFirst("^file:", "")
                + " was changed since it was prepared. Nothing was changed in the corpus. Prepare"
                + " all text again with --overwrite.");
      }
    }
  }

  /** The folder in which shards are to be written now. */
  Path work() {
    return work;
  }

  String show() {
    return HadoopFiles.show(path);
  }

  /**
   * Makes what was written the corpus.
   *
   * @param vocabulary is written with a new corpus; one that is added to keeps its own
   * @param target the same of what is written alone, or null
   */
  void publish(CorpusDescription description, Vocabulary vocabulary, Vocabulary target) {
    try {
      removeStrangers(description);
      if (before == null) {
        AtomicFiles.write(
            fs, new Path(work, PreparedCorpus.VOCABULARY), out -> vocabulary.write(out));
        if (target != null) {
          AtomicFiles.write(
              fs, new Path(work, PreparedCorpus.TARGET_VOCABULARY), out -> target.write(out));
        }
      }
      HadoopFiles.requireSeen(
          fs,
          new Path(work, PreparedCorpus.SHARDS),
          description.shards().stream().map(shard -> new Path(shard.file()).getName()).toList(),
          "--out");
      claim.requireMine();
      AtomicFiles.write(
          fs, new Path(work, PreparedCorpus.DESCRIPTION), out -> description.write(out));
      if (before == null) {
        AtomicFiles.putFolder(fs, work, path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The corpus could not be written to " + show() + ": " + HadoopFiles.reason(e) + ".", e);
    }
  }

  /** Removes files of tasks that were killed, and of runs that were. */
  private void removeStrangers(CorpusDescription description) throws IOException {
    Set<String> ours = new HashSet<>();
    description.shards().forEach(shard -> ours.add(shard.file()));
    for (FileStatus status : list(new Path(work, PreparedCorpus.SHARDS))) {
      if (!ours.contains(PreparedCorpus.SHARDS + "/" + status.getPath().getName())) {
        fs.delete(status.getPath(), true);
      }
    }
  }

  /** Gives the folder free, and removes what was not published. */
  @Override
  public void close() {
    try {
      if (before == null) {
        fs.delete(work, true);
      } else {
        removeStrangers(PreparedCorpus.open(path.toString(), fs.getConf()).description());
      }
    } catch (IOException | InputException e) {
      // What is left is not part of the corpus, and the next run removes it.
    } finally {
      claim.close();
    }
  }
}
