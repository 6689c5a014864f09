// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
import org.unroll.spark.store.RegistryFolder.Event;

/**
 * The journal of a {@link RegistryFolder}: a folder with one file an event, whose name has its
 * number and the aliases that it moves, such as {@code 00000042.champion=17.json}. So the aliases
 * are known without opening a file.
 */
record EventFiles(FileSystem fs, Path folder) {
  /** What names of aliases look like. */
  static final String ALIAS = "[A-Za-z][A-Za-z0-9_-]{0,39}";

  private static final Pattern MOVE = Pattern.compile("\\.(" + ALIAS + ")=(\\d{1,9})");
  private static final Pattern EVENT =
      Pattern.compile("(\\d{8,18})((?:" + MOVE.pattern() + ")*)\\.json");

  /** The most letters in a name, to which file systems and temporary files leave room. */
  private static final int MOST_LETTERS = 200;

  /** An event as its file has it. */
  private record Written(
      long number,
      String time,
      String kind,
      Map<String, Integer> moves,
      Map<String, Object> details) {}

  /** A file of the journal, and what its name says. */
  record Entry(long number, Map<String, Integer> moves, Path file) {
    /** Returns what a file is; null if its name is none of an event. */
    private static Entry of(Path file) {
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

  /** Returns whether there is a journal. */
  boolean exists() {
    return HadoopFiles.using(
        folder, () -> fs.exists(folder) && fs.getFileStatus(folder).isDirectory());
  }

  /** Returns what the names of all events say, the oldest first. */
  List<Entry> entries() {
    return HadoopFiles.using(
        folder,
        () -> {
          List<Entry> entries = new ArrayList<>();
          for (FileStatus status : HadoopFiles.list(fs, folder)) {
            Entry entry = Entry.of(status.getPath());
            if (entry != null) {
              entries.add(entry);
            }
          }
          entries.sort(Comparator.comparingLong(Entry::number).thenComparing(Entry::file));
          return entries;
        });
  }

  /** Returns what is wrong, a sentence each: files that are no events, gaps, damaged events. */
  List<String> problems() throws IOException {
    List<String> problems = new ArrayList<>();
    for (FileStatus status : HadoopFiles.list(fs, folder)) {
      Path file = status.getPath();
      if (!file.getName().startsWith(".") && Entry.of(file) == null) {
        problems.add(HadoopFiles.show(file) + " is no event.");
      }
    }
    long next = 1;
    for (Entry entry : entries()) {
      if (entry.number() > next) {
        problems.add(
            "%s has no events %s to %s: they were removed or lost."
                .formatted(HadoopFiles.show(folder), next, entry.number() - 1));
      } else if (entry.number() < next) {
        problems.add(HadoopFiles.show(entry.file()) + " has the number of another event.");
      }
      next = entry.number() + 1;
      try {
        read(entry);
      } catch (InputException e) {
        problems.add(e.getMessage());
      }
    }
    return problems;
  }

  /**
   * Returns all events, the oldest first.
   *
   * @throws InputException if one is damaged, naming its file
   */
  List<Event> read() {
    return entries().stream().map(this::read).toList();
  }

  private Event read(Entry entry) {
    String source = HadoopFiles.show(entry.file());
    try {
      Object json =
          HadoopFiles.readIfThere(fs, entry.file(), StrictJson::tree)
              .orElseThrow(() -> new InputException(source + " is not there any more."));
      Written event = StrictJson.bind(json, source, "", Written.class);
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
    }
  }

  /** Writes the next event; see {@link RegistryFolder#append}. */
  Event append(Instant time, String kind, Map<String, Integer> moves, Map<String, Object> details) {
    Map<String, Integer> sorted = new TreeMap<>(moves);
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
    Path file = new Path(folder, name);
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
}
