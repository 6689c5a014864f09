// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;

/**
 * The versions of one model in a registry, on any Hadoop file system, and the journal of what
 * happened to them.
 *
 * <pre>{@code
 * DIR/NAME/versions/000017/                        a model folder with version.json; never changed
 * DIR/NAME/journal/00000042.champion=17.json       one file an event; none is ever changed
 * }</pre>
 *
 * <p>An alias such as {@code champion} is where the newest event points it whose name has it. So a
 * promotion is one file that appears under a new name, which local file systems, HDFS and object
 * stores all do at once: a reader finds the version before or the version behind, never none and
 * never half of one. Readers take no lock. Writers hold an {@link OutputClaim} on {@link #folder}.
 */
public final class RegistryFolder {
  /** The alias of the version that is in use. */
  public static final String CHAMPION = "champion";

  /** For how long the heart of a run stands still that is taken for dead. */
  public static final Duration EXPIRY = Duration.ofSeconds(30);

  /** What the path of a model begins with that is looked up in a registry. */
  static final String SCHEME = "registry:";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern VERSION = Pattern.compile("\\d{6,9}");

  private static final int NAMES_SHOWN = 10;

  private final FileSystem fs;
  private final Path path;
  private final Path versions;
  private final EventFiles journal;

  private RegistryFolder(FileSystem fs, Path path) {
    this.fs = fs;
    this.path = path;
    this.versions = new Path(path, "versions");
    this.journal = new EventFiles(fs, new Path(path, "journal"));
  }

  /**
   * Something that happened to the versions.
   *
   * @param number its place in the journal, from 1
   * @param kind what happened, in one word for programs
   * @param moves the version that each alias has from here on, by alias; 0 for none
   * @param details whatever else there is to tell, as JSON has it
   */
  public record Event(
      long number,
      Instant time,
      String kind,
      Map<String, Integer> moves,
      Map<String, Object> details) {}

  /**
   * Returns the place of a model's versions, which need not exist.
   *
   * @param dir the registry, as a person writes it
   * @throws InputException if there can be no model of that name
   */
  public static RegistryFolder at(String dir, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InputException(
          ("'%s' cannot be the name of a model in a registry: it begins with a letter or a digit,"
                  + " and has letters, digits, '.', '_' and '-', 100 at most.")
              .formatted(name));
    }
    HadoopFiles.Place place = HadoopFiles.at(dir);
    return new RegistryFolder(place.fs(), new Path(place.path(), name));
  }

  /** Returns the names of the models in a registry, in order. */
  public static List<String> names(String dir) {
    HadoopFiles.Place place = HadoopFiles.at(dir);
    return HadoopFiles.using(
        place.path(),
        () -> {
          List<String> names = new ArrayList<>();
          for (FileStatus status : HadoopFiles.list(place.fs(), place.path())) {
            String name = status.getPath().getName();
            if (NAME.matcher(name).matches()
                && new RegistryFolder(place.fs(), status.getPath()).exists()) {
              names.add(name);
            }
          }
          return names.stream().sorted().toList();
        });
  }

  /** Returns whether the path of a model is looked up in a registry. */
  public static boolean isNamedBy(String path) {
    return path.startsWith(SCHEME);
  }

  /**
   * Returns where a model is that may be named by a registry: {@code registry:DIR/reviews@champion}
   * by an alias, {@code registry:DIR/reviews@17} by its version, and {@code registry:DIR/reviews}
   * is the champion. Any other path is returned as it is.
   *
   * @throws InputException if there is no such registry, name, alias or version, saying which are
   */
  public static String resolve(String path) {
    if (!isNamedBy(path)) {
      return path;
    }
    String place = path.substring(SCHEME.length()).replaceFirst("/+$", "");
    int slash = place.lastIndexOf('/');
    int at = place.indexOf('@', slash + 1); // what is before may have a container's name
    String name = place.substring(slash + 1, at < 0 ? place.length() : at);
    String dir = slash < 0 ? "." : slash == 0 ? "/" : place.substring(0, slash);
    RegistryFolder folder = at(dir, name).existing();
    return folder.version(folder.find(at < 0 ? CHAMPION : place.substring(at + 1)));
  }

  /**
   * Returns this place if models of that name are there.
   *
   * @throws InputException if not, saying which are
   */
  public RegistryFolder existing() {
    if (exists()) {
      return this;
    }
    List<String> there = names(path.getParent().toString());
    throw new InputException(
        there.isEmpty()
            ? ("There is no registry of models in %s (no %s). retrain makes one.")
                .formatted(HadoopFiles.show(path.getParent()), show())
            : "The registry %s has no model '%s'; it has: %s."
                .formatted(
                    HadoopFiles.show(path.getParent()), path.getName(), String.join(", ", there)));
  }

  /** Returns whether anything has happened here: whether there is a journal. */
  public boolean exists() {
    return journal.exists();
  }

  /** Returns the name of the models. */
  public String name() {
    return path.getName();
  }

  /** Returns the folder of the name as messages show it. */
  public String show() {
    return HadoopFiles.show(path);
  }

  /** Returns the folder of the name as a person would write it. */
  public String folder() {
    return HadoopFiles.address(path);
  }

  /** Returns something in the folder, such as {@code work/model}, as a person would write it. */
  public String place(String child) {
    return HadoopFiles.address(new Path(path, child));
  }

  /** Returns the page about a version, or null if it has none. */
  public byte[] report(int version) {
    Path page = new Path(versionPath(version), ModelFolder.REPORT);
    return HadoopFiles.readIfThere(fs, page, (in, source) -> in.readAllBytes()).orElse(null);
  }

  /** Returns whether something is in the folder, such as {@code work/plan.json}. */
  public boolean holds(String child) {
    Path file = new Path(path, child);
    return HadoopFiles.using(file, () -> fs.exists(file));
  }

  /**
   * Reads a file of the folder, if it is there.
   *
   * @throws InputException if it is damaged, or cannot be read
   */
  public <T> Optional<T> read(String child, HadoopFiles.Parser<T> parser) {
    return HadoopFiles.readIfThere(fs, new Path(path, child), parser);
  }

  /**
   * Writes a file of the folder, whole or not at all, in place of the one that may be there.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public void write(String child, AtomicFiles.Content content) {
    Path file = new Path(path, child);
    try {
      AtomicFiles.write(fs, file, content);
    } catch (IOException e) {
      throw HadoopFiles.unwritten(HadoopFiles.show(file), e);
    }
  }

  /** Removes something of the folder with all that is in it, if it is there. */
  public void delete(String child) {
    Path place = new Path(path, child);
    HadoopFiles.using(place, () -> fs.delete(place, true));
  }

  /** Returns the folder of a version, which need not exist, as a person would write it. */
  public String version(int version) {
    return HadoopFiles.address(versionPath(version));
  }

  private Path versionPath(int version) {
    return new Path(versions, "%06d".formatted(version));
  }

  /** Returns the numbers of the versions that are there, in order. */
  public List<Integer> versions() {
    return HadoopFiles.using(
        versions,
        () -> {
          List<Integer> numbers = new ArrayList<>();
          for (FileStatus status : HadoopFiles.list(fs, versions)) {
            String name = status.getPath().getName();
            if (status.isDirectory() && VERSION.matcher(name).matches()) {
              numbers.add(Integer.valueOf(name));
            }
          }
          return numbers.stream().sorted().toList();
        });
  }

  /** Returns the version that an alias has now. */
  public OptionalInt alias(String alias) {
    Integer version = aliases().get(alias);
    return version == null ? OptionalInt.empty() : OptionalInt.of(version);
  }

  /** Returns the version that each alias has now, by alias in order. */
  public Map<String, Integer> aliases() {
    Map<String, Integer> aliases = new TreeMap<>();
    journal.entries().forEach(entry -> aliases.putAll(entry.moves()));
    aliases.values().removeIf(version -> version == 0);
    return aliases;
  }

  /**
   * Returns the version that a person means by its number or an alias.
   *
   * @throws InputException if there is none, saying which are
   */
  public int find(String numberOrAlias) {
    // First the aliases: a version is there before one names it, so whatever they say now is there.
    Map<String, Integer> aliases = aliases();
    List<Integer> there = versions();
    if (numberOrAlias.matches("\\d{1,9}")) {
      int version = Integer.parseInt(numberOrAlias);
      if (!there.contains(version)) {
        throw new InputException(
            "%s has no version %s; it has %s.".formatted(show(), version, some(there)));
      }
      return version;
    }
    Integer version = aliases.get(numberOrAlias);
    if (version == null) {
      String have =
          aliases.entrySet().stream()
              .map(alias -> alias.getKey() + " (version " + alias.getValue() + ")")
              .collect(Collectors.joining(", "));
      throw new InputException(
          "%s has no alias '%s'; it has %s, and %s."
              .formatted(show(), numberOrAlias, have.isEmpty() ? "no alias" : have, some(there)));
    }
    if (!there.contains(version)) {
      throw new InputException(
          ("The alias %s of %s is version %s, which is not there; there is %s. Restore the folder"
                  + " %s from a copy, or promote another version.")
              .formatted(
                  numberOrAlias,
                  show(),
                  version,
                  some(there),
                  HadoopFiles.show(versionPath(version))));
    }
    return version;
  }

  private static String some(List<Integer> versions) {
    int more = versions.size() - NAMES_SHOWN;
    String newest =
        versions.stream()
            .skip(Math.max(0, more))
            .map(String::valueOf)
            .collect(Collectors.joining(", "));
    return versions.isEmpty()
        ? "no version"
        : (versions.size() == 1 ? "version " : "versions ")
            + newest
            + (more > 0 ? " and " + more + " before" : "");
  }

  /** Returns a version's {@code version.json}, as messages name it. */
  public String versionFile(int version) {
    return HadoopFiles.show(new Path(versionPath(version), ModelFolder.VERSION));
  }

  /**
   * Returns what a version's {@code version.json} says: where the version comes from and why it
   * came to be. It is empty for a model that has no such file.
   *
   * @throws InputException if the file is damaged
   */
  public Map<String, Object> about(int version) {
    Path file = new Path(versionPath(version), ModelFolder.VERSION);
    return HadoopFiles.readIfThere(fs, file, StrictJson::tree)
        .map(json -> StrictJson.fields(StrictJson.plain(json)))
        .orElse(Map.of());
  }

  /**
   * Writes the {@code version.json} of a finished model that is still elsewhere, in place of one
   * that may be there.
   *
   * @param model folder of the model
   * @param about where the version comes from and why it came to be
   * @throws UncheckedIOException if it cannot be written
   */
  public static void describe(String model, Map<String, Object> about) {
    ModelFolder folder = ModelStore.existing(model);
    try {
      AtomicFiles.write(
          folder.fs(), folder.file(ModelFolder.VERSION), out -> StrictJson.write(about, out));
    } catch (IOException e) {
      throw HadoopFiles.unwritten(folder.show(ModelFolder.VERSION), e);
    }
  }

  /**
   * Makes a finished model a version, by renaming its folder, which is of the same file system.
   * Nobody finds it by an alias before {@link #append} says so.
   *
   * @throws InputException if that version is there, or no model is
   * @throws UncheckedIOException if it cannot be renamed
   */
  public void adopt(String model, int version) {
    if (version < 1) {
      throw new IllegalArgumentException("versions are numbered from 1, not " + version);
    }
    ModelFolder folder = ModelStore.existing(model);
    try {
      fs.mkdirs(versions);
      AtomicFiles.moveNew(fs, folder.path(), versionPath(version));
    } catch (FileAlreadyExistsException e) {
      throw new InputException(
          "%s has a version %s already. Nothing was changed.".formatted(show(), version), e);
    } catch (IOException e) {
      throw HadoopFiles.unwritten("Version " + version + " of " + show(), e);
    }
  }

  /**
   * Removes versions: each is gone at once, and its files behind it. So are those that an
   * interrupted removal has left.
   *
   * @throws UncheckedIOException if they cannot be removed
   */
  public void remove(List<Integer> numbers) {
    try {
      for (int version : numbers) {
        Path folder = versionPath(version);
        AtomicFiles.moveNew(fs, folder, AtomicFiles.temporarySibling(folder));
      }
      Predicate<String> left = AtomicFiles.isTemporary("").asMatchPredicate();
      for (FileStatus status : HadoopFiles.list(fs, versions)) {
        if (left.test(status.getPath().getName())) {
          fs.delete(status.getPath(), true);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Versions of %s could not be removed: %s".formatted(show(), HadoopFiles.reason(e)), e);
    }
  }

  /**
   * Returns what is wrong with the journal, and what lies among the versions and is none, a
   * sentence each.
   */
  public List<String> problems() {
    return HadoopFiles.using(
        path,
        () -> {
          List<String> problems = new ArrayList<>(journal.problems());
          for (FileStatus status : HadoopFiles.list(fs, versions)) {
            String name = status.getPath().getName();
            boolean version = status.isDirectory() && VERSION.matcher(name).matches();
            if (!version && !name.startsWith(".")) {
              problems.add(HadoopFiles.show(status.getPath()) + " is no version.");
            }
          }
          return problems;
        });
  }

  /** Returns when a version's folder came to be, by the clock of its file system. */
  public Instant since(int version) {
    Path folder = versionPath(version);
    return HadoopFiles.using(
        folder, () -> Instant.ofEpochMilli(fs.getFileStatus(folder).getModificationTime()));
  }

  /**
   * Claims the folder, for whoever is going to write.
   *
   * @param command what this run is, told to others
   * @throws InputException if another run has it, saying which
   */
  public OutputClaim claim(String command) {
    OutputClaim.Attempt attempt = OutputClaim.tryTake(folder(), EXPIRY, command);
    if (attempt instanceof OutputClaim.Held held) {
      throw new InputException(
          "%s is being written to by %s. Nothing was changed. Wait until that has finished."
              .formatted(show(), held.words()));
    }
    return ((OutputClaim.Mine) attempt).claim();
  }

  /**
   * Returns all events, the oldest first.
   *
   * @throws InputException if one is damaged, naming its file
   */
  public List<Event> journal() {
    return journal.read();
  }

  /**
   * Writes the next event, whole or not at all. What it moves is moved when this returns, for all
   * readers at once. The caller holds the claim on the folder, so that nobody else writes the same
   * number.
   *
   * @param moves the version that each alias is to have, by alias; 0 to remove the alias
   * @throws InputException if an alias cannot have that name or version, or another event is there
   * @throws UncheckedIOException if it cannot be written
   */
  public Event append(
      Instant time, String kind, Map<String, Integer> moves, Map<String, Object> details) {
    moves.forEach(this::requireMove);
    return journal.append(time, kind, moves, details);
  }

  private void requireMove(String alias, int version) {
    if (!alias.matches(EventFiles.ALIAS)) {
      throw new InputException(
          ("'%s' cannot be an alias: it begins with a letter, and has letters, digits, '_' and"
                  + " '-', 40 at most.")
              .formatted(alias));
    }
    if (version != 0) {
      find(String.valueOf(version));
    }
  }
}
