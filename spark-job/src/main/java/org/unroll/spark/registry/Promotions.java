// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.OutputClaim;
import org.unroll.spark.store.RegistryFolder;

/** Which version an alias has: moved by hand, and back again. Each move is an event. */
public record Promotions(RegistryFolder folder) {
  /** The kind of an event by which a person moved an alias. */
  public static final String BY_HAND = "promoted-by-hand";

  /** The kind of an event by which the champion went back to the one before. */
  public static final String ROLLED_BACK = "rolled-back";

  /**
   * A move of an alias.
   *
   * @param from the version before; null if there was none
   * @param event its number in the journal; null if nothing had to be moved
   */
  public record Move(String alias, Integer from, int to, Long event) {
    /** Returns the figures of the move by name. */
    public Map<String, Object> figures() {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("alias", alias);
      figures.put("from", from);
      figures.put("to", to);
      figures.put("event", event);
      return figures;
    }
  }

  /**
   * Gives an alias to a version, which is read first: one that is damaged never comes into use.
   *
   * @param version its number, or an alias that it has
   * @param command what this run is, told to others while it holds the registry
   * @throws InputException if there is no such version, it is damaged, or another run writes
   */
  public Move promote(String version, String alias, Instant now, String command) {
    try (OutputClaim claim = folder.existing().claim(command)) {
      return move(claim, alias, folder.find(version), BY_HAND, now);
    }
  }

  /**
   * Gives the champion's alias back to the version that had it before; another time, to the one
   * before that.
   *
   * @throws InputException if there is none to go back to, or as {@link #promote}
   */
  public Move rollBack(Instant now, String command) {
    try (OutputClaim claim = folder.existing().claim(command)) {
      List<Integer> champions = champions();
      int before =
          predecessor(champions)
              .orElseThrow(
                  () ->
                      new InputException(
                          champions.isEmpty()
                              ? "%s has had no champion yet. promote makes a version champion."
                                  .formatted(folder.show())
                              : "There is nothing to go back to: %s has had no champion before version %s."
                                  .formatted(folder.show(), champions.get(champions.size() - 1))));
      if (!folder.versions().contains(before)) {
        throw new InputException(
            ("Version %s, the champion before, is not in %s any more. Nothing was changed. promote"
                    + " makes another version champion; registry list shows them.")
                .formatted(before, folder.show()));
      }
      return move(claim, RegistryFolder.CHAMPION, before, ROLLED_BACK, now);
    }
  }

  private Move move(OutputClaim claim, String alias, int version, String kind, Instant now) {
    OptionalInt had = folder.alias(alias);
    Integer from = had.isPresent() ? had.getAsInt() : null;
    if (from != null && from == version) {
      return new Move(alias, from, version, null);
    }
    ModelStore.read(folder.version(version));
    claim.requireMine();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("from", from);
    details.put("to", version);
    RegistryFolder.Event event = folder.append(now, kind, Map.of(alias, version), details);
    RegistryPage.write(folder);
    return new Move(alias, from, version, event.number());
  }

  /**
   * Returns the versions that were champion one after the other, the present one last. What was
   * rolled back is left out; 0 is where there was none.
   */
  public List<Integer> champions() {
    List<Integer> champions = new ArrayList<>();
    for (RegistryFolder.Event event : folder.journal()) {
      Integer version = event.moves().get(RegistryFolder.CHAMPION);
      if (version == null) {
        continue;
      }
      if (event.kind().equals(ROLLED_BACK)) {
        int place = champions.lastIndexOf(version);
        champions.subList(place + 1, champions.size()).clear();
      }
      if (champions.isEmpty() || !version.equals(champions.get(champions.size() - 1))) {
        champions.add(version);
      }
    }
    return Collections.unmodifiableList(champions);
  }

  /** Returns the version that a roll-back goes to. */
  public OptionalInt predecessor() {
    return predecessor(champions());
  }

  private static OptionalInt predecessor(List<Integer> champions) {
    for (int i = champions.size() - 2; i >= 0; i--) {
      if (champions.get(i) != 0) {
        return OptionalInt.of(champions.get(i));
      }
    }
    return OptionalInt.empty();
  }
}
