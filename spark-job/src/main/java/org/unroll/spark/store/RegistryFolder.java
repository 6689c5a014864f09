// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Matcher;
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

  /** What the path of a model begins with that is looked up in a registry. */
  static final String SCHEME = "registry:";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final String ALIAS = "[A-Za-z][A-Za-z0-9_-]{0,39}";
  private static final Pattern MOVE = Pattern.compile("\\.(" + ALIAS + ")=(\\d{1,9})");
  private static final Pattern EVENT =
      Pattern.compile("(\\d{8,18})((?:" + MOVE.pattern() + ")*)\\.json");
  private static final Pattern VERSION = Pattern.compile("\\d{6,9}");

  /** The most letters in a name, to which file systems and temporary files leave room. */
  private static final int MOST_LETTERS = 200;

  private static final int NAMES_SHOWN = 10;

  private final FileSystem fs;
  private final Path path;
  private final Path versions;
  private final Path journal;

  private RegistryFolder(FileSystem fs, Path path) {
    this.fs = fs;
    this.path = path;
    this.versions = new Path(path, "versions");
    this.journal = new Path(path, "journal");
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

  /** An event as its file has it. */
  private record Written(
      long number,
      String time,
      String kind,
      Map<String, Integer> moves,
      Map<String, Object> details) {}

  /** A file of the journal, and what its name says. */
  private record Entry(long number, Map<String, Integer> moves, Path file) {
    /** Returns what a file is; null if its name is none of an event. */
    static Entry of(Path file) {
      Matcher event = EVENT.matcher(file.getName());
      if (!event.matches()) {
        return null;
      }
      Map<String, Integer> moves = new TreeMap<>();
      MOVE.matcher(event.group(2))
          .results()
          .forEach(move -> moves.put(move.group(1), Integer.valueOf(move.group(2))));
      return new Entry(Long.parseLong(event.group(1)), moves, file);
    }
  }

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

  /**
   * Returns where a model is that may be named by a registry: {@code registry:DIR/reviews@champion}
   * by an alias, {@code registry:DIR/reviews@17} by its version, and {@code registry:DIR/reviews}
   * is the champion. Any other path is returned as it is.
   *
   * @throws InputException if there is no such registry, name, alias or version, saying which are
   */
  public static String resolve(String path) {
    if (!path.startsWith(SCHEME)) {
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
    return HadoopFiles.using(journal, () -> isFolder(journal));
  }

  private boolean isFolder(Path place) throws IOException {
    return fs.exists(place) && fs.getFileStatus(place).isDirectory();
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
    entries().forEach(entry -> aliases.putAll(entry.moves()));
    aliases.values().removeIf(version -> version == 0);
    return aliases;
  }

  /**
   * Returns the version that a person means by its number or an alias.
   *
   * @throws InputException if there is none, saying which are
   */
  public int find(String numberOrAlias) {
    List<Integer> there = versions();
    if (numberOrAlias.matches("\\d{1,9}")) {
      int version = Integer.parseInt(numberOrAlias);
      if (!there.contains(version)) {
        throw new InputException(
            "%s has no version %s; it has %s.".formatted(show(), version, some(there)));
      }
      return version;
    }
    Map<String, Integer> aliases = aliases();
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
    try {
      return fields(StrictJson.plain(tree(new Path(versionPath(version), ModelFolder.VERSION))));
    } catch (FileNotFoundException e) {
      return Map.of();
    }
  }

  private static Map<String, Object> fields(Object object) {
    Map<String, Object> fields = new LinkedHashMap<>();
    ((Map<?, ?>) object).forEach((name, value) -> fields.put((String) name, value));
    return fields;
  }

  private Object tree(Path file) throws FileNotFoundException {
    String source = HadoopFiles.show(file);
    try (InputStream in = fs.open(file)) {
      return StrictJson.tree(in, source);
    } catch (FileNotFoundException e) {
      throw e;
    } catch (IOException e) {
      throw new InputException(source + " cannot be read: " + HadoopFiles.reason(e) + ".", e);
    }
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
   * Returns all events, the oldest first.
   *
   * @throws InputException if one is damaged, naming its file
   */
  public List<Event> journal() {
    return entries().stream().map(this::read).toList();
  }

  private Event read(Entry entry) {
    String source = HadoopFiles.show(entry.file());
    try {
      Written event = StrictJson.bind(tree(entry.file()), source, "", Written.class);
      if (event.number() != entry.number() || !entry.moves().equals(event.moves())) {
        throw new InputException(
            "%s tells of event %s, which moves %s: it does not go with its name. Restore it from a copy."
                .formatted(source, event.number(), event.moves()));
      }
      return new Event(
          event.number(),
          Instant.parse(event.time()),
          event.kind(),
          entry.moves(),
          event.details());
    } catch (DateTimeException e) {
      throw new InputException(source + ": the field time is none: " + e.getMessage(), e);
    } catch (FileNotFoundException e) {
      throw new InputException(source + " cannot be read: " + HadoopFiles.reason(e) + ".", e);
    }
  }

  private List<Entry> entries() {
    return HadoopFiles.using(
        journal,
        () -> {
          List<Entry> entries = new ArrayList<>();
          for (FileStatus status : HadoopFiles.list(fs, journal)) {
            Entry entry = Entry.of(status.getPath());
            if (entry != null) {
              entries.add(entry);
            }
          }
          entries.sort(Comparator.comparingLong(Entry::number).thenComparing(Entry::file));
          return entries;
        });
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
    Map<String, Integer> sorted = new TreeMap<>(moves);
    sorted.forEach(this::requireMove);
    List<Entry> entries = entries();
    long number = entries.isEmpty() ? 1 : entries.get(entries.size() - 1).number() + 1;
    String name =
        "%08d%s.json"
            .formatted(
                number,
                sorted.entrySet().stream()
                    .map(move -> "." + move.getKey() + "=" + move.getValue())
                    .collect(Collectors.joining()));
    if (name.length() > MOST_LETTERS) {
      throw new InputException(
          "%s aliases are too many for one event; move some of them first."
              .formatted(moves.size()));
    }
    Path file = new Path(journal, name);
    Written event = new Written(number, time.toString(), kind, sorted, details);
    try {
      AtomicFiles.writeNew(fs, file, out -> StrictJson.write(event, out));
    } catch (FileAlreadyExistsException e) {
      throw new InputException(
          ("%s is there already: somebody else writes to this journal. It is left as it is; try"
                  + " again.")
              .formatted(HadoopFiles.show(file)),
          e);
    } catch (IOException e) {
      throw HadoopFiles.unwritten("The event " + HadoopFiles.show(file), e);
    }
    return new Event(number, time, kind, sorted, details);
  }

  private void requireMove(String alias, int version) {
    if (!alias.matches(ALIAS)) {
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
