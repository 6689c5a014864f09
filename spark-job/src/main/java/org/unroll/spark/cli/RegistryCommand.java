// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.registry.Promotions;
import org.unroll.spark.registry.RegistryPage;
import org.unroll.spark.registry.Upkeep;
import org.unroll.spark.registry.VersionFacts;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.RegistryFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands about the versions of a model in a registry. They need no Spark. */
abstract class RegistryCommand extends BaseCommand {
  @Mixin RegistryOptions options;

  /** Returns the place of the versions, which are there. */
  final RegistryFolder existing() {
    return options.folder().existing();
  }

  /** Returns the aliases that a version has. */
  private static List<String> aliases(Map<String, Integer> all, int version) {
    return all.entrySet().stream()
        .filter(alias -> alias.getValue() == version)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static String words(RegistryFolder.Event event) {
    String moves =
        event.moves().entrySet().stream()
            .map(
                move ->
                    move.getKey() + (move.getValue() == 0 ? " removed" : " = " + move.getValue()))
            .collect(joining(", "));
    return "%s  %s%s"
        .formatted(seconds(event.time()), event.kind(), moves.isEmpty() ? "" : "  " + moves);
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  /** Lists the versions. */
  @Command(name = "list", description = "Lists the versions with their aliases and scores.")
  static final class Listing extends RegistryCommand {
    @Override
    Map<String, Object> run() {
      RegistryFolder folder = existing();
      Map<String, Integer> aliases = folder.aliases();
      List<Map<String, Object>> versions = new ArrayList<>();
      Map<String, String> lines = new LinkedHashMap<>();
      for (int version : folder.versions()) {
        VersionFacts facts = VersionFacts.of(folder, version);
        List<String> own = aliases(aliases, version);
        lines.put(
            "version " + version,
            "%s  %-10s  %s%s"
                .formatted(
                    seconds(facts.time()),
                    facts.outcome(),
                    facts.score(),
                    own.isEmpty() ? "" : "  <- " + String.join(", ", own))
                .stripTrailing());
        versions.add(
            Json.fields(
                "version", version,
                "time", facts.time().toString(),
                "aliases", own,
                "outcome", facts.about().get("outcome"),
                "score", facts.about().get("score")));
      }
      result(lines.isEmpty() ? folder.show() + " has no version." : ResultTable.text(lines));
      return Json.fields("folder", folder.folder(), "aliases", aliases, "versions", versions);
    }
  }

  /** Shows one version. */
  @Command(
      name = "show",
      description = "Shows where a version comes from, and what happened to it.")
  static final class Show extends RegistryCommand {
    @Parameters(paramLabel = "VERSION", arity = "0..1", description = "Its number or an alias.")
    String version;

    @Override
    Map<String, Object> run() {
      OptionRules.require(version, "The version is missing: unroll registry show VERSION.");
      RegistryFolder folder = existing();
      int number = folder.find(version);
      VersionFacts facts = VersionFacts.of(folder, number);
      List<String> aliases = aliases(folder.aliases(), number);
      List<RegistryFolder.Event> events = folder.journal().stream().filter(facts::isIn).toList();
      Map<String, Object> lines = Json.fields("version", number);
      lines.put("folder", folder.version(number));
      lines.put("aliases", aliases.isEmpty() ? "none" : String.join(", ", aliases));
      lines.putAll(facts.flat());
      result(ResultTable.text(lines));
      Map<String, String> happened = new LinkedHashMap<>();
      events.forEach(event -> happened.put("event " + event.number(), words(event)));
      result(happened.isEmpty() ? "" : "\n" + ResultTable.text(happened));
      return Json.fields(
          "version", number,
          "folder", folder.version(number),
          "aliases", aliases,
          "about", facts.about(),
          "events", events.stream().map(Show::fields).toList());
    }

    private static Map<String, Object> fields(RegistryFolder.Event event) {
      return Json.fields(
          "number", event.number(),
          "time", event.time().toString(),
          "kind", event.kind(),
          "moves", event.moves(),
          "details", event.details());
    }
  }

  /** Compares two versions. */
  @Command(
      name = "diff",
      description = "Shows the options, data and figures in which two versions differ.")
  static final class Diff extends RegistryCommand {
    private static final List<String> FIELDS = List.of("options", "data", "figures");

    @Parameters(
        paramLabel = "VERSION",
        arity = "0..2",
        description = "Two of them, by number or alias.")
    List<String> versions = new ArrayList<>();

    @Override
    Map<String, Object> run() {
      if (versions.size() != 2) {
        throw new InputException(
            "Two versions are needed, as in unroll registry diff 16 champion; there are %s."
                .formatted(versions.size()));
      }
      RegistryFolder folder = existing();
      VersionFacts a = VersionFacts.of(folder, folder.find(versions.get(0)));
      VersionFacts b = VersionFacts.of(folder, folder.find(versions.get(1)));
      Map<String, Object> figures = Json.fields("a", a.version(), "b", b.version());
      Map<String, String> lines = new LinkedHashMap<>();
      for (String field : FIELDS) {
        Map<String, List<Object>> differences = VersionFacts.differences(a, b, field);
        figures.put(field, differences);
        differences.forEach((name, values) -> lines.put(field + "." + name, words(values)));
      }
      result(
          "version %s -> version %s\n%s"
              .formatted(
                  a.version(),
                  b.version(),
                  lines.isEmpty() ? "Nothing that they tell differs." : ResultTable.text(lines)));
      return figures;
    }

    private static String words(List<Object> values) {
      String change =
          values.get(0) instanceof Number from && values.get(1) instanceof Number to
              ? " (%s%s)"
                  .formatted(
                      to.doubleValue() > from.doubleValue() ? "+" : "",
                      Figures.significant(to.doubleValue() - from.doubleValue()))
              : "";
      return "%s -> %s%s".formatted(word(values.get(0)), word(values.get(1)), change);
    }

    private static String word(Object value) {
      return value == null ? "none" : value.toString();
    }
  }

  /** Draws what became of models that are retrained side by side. */
  @Command(
      name = "history",
      description =
          "Puts models of a registry beside each other on a page, day by day: the score of the one in"
              + " use, and the time of training.")
  static final class History extends RegistryCommand {
    @Option(
        names = "--beside",
        paramLabel = "NAME",
        arity = "1..*",
        description = "Names of other models of the registry (default: none).")
    List<String> beside = new ArrayList<>();

    @Mixin PageOptions page;

    @Override
    Map<String, Object> run() {
      OptionRules.require(page.out, "--out is missing: name the page, as in --out history.html.");
      page.requireFree();
      List<RegistryFolder> models = new ArrayList<>(List.of(existing()));
      beside.forEach(name -> models.add(RegistryFolder.at(options.registry, name).existing()));
      Map<String, Object> figures = new LinkedHashMap<>();
      page.write(RegistryPage.beside(options.registry, models), "history", figures);
      page.told("history").forEach(this::result);
      return figures;
    }
  }

  /** A command that moves an alias. */
  abstract static class Moving extends RegistryCommand {
    abstract Promotions.Move move(Promotions promotions);

    @Override
    final Map<String, Object> run() {
      Promotions.Move move = move(new Promotions(options.folder()));
      result(
          move.event() == null
              ? "%s is version %s already. Nothing was changed.".formatted(move.alias(), move.to())
              : "%s is version %s now%s."
                  .formatted(
                      move.alias(),
                      move.to(),
                      move.from() == null ? "" : ", in place of " + move.from()));
      return move.figures();
    }
  }

  /** Gives an alias to a version. */
  @Command(
      name = "promote",
      description = "Reads a version and gives an alias to it, for all readers at once.")
  static final class Promote extends Moving {
    @Parameters(paramLabel = "VERSION", arity = "0..1", description = "Its number or an alias.")
    String version;

    @Option(names = "--alias", paramLabel = "ALIAS", description = "The alias that moves.")
    String alias = RegistryFolder.CHAMPION;

    @Override
    Promotions.Move move(Promotions promotions) {
      OptionRules.require(version, "The version is missing: unroll registry promote VERSION.");
      return promotions.promote(version, alias, Instant.now(), invocation.command());
    }
  }

  /** Gives the champion's alias back. */
  @Command(
      name = "rollback",
      description =
          "Makes that version champion which was so before; another time, the one before that.")
  static final class Rollback extends Moving {
    @Override
    Promotions.Move move(Promotions promotions) {
      return promotions.rollBack(Instant.now(), invocation.command());
    }
  }

  /** Removes old versions. */
  @Command(
      name = "prune",
      description =
          "Removes versions that are neither among the newest nor young. Those with an alias stay,"
              + " and the one that the champion can be rolled back to.")
  static final class Prune extends RegistryCommand {
    @Option(
        names = "--keep",
        paramLabel = "VERSIONS",
        description = "How many of the newest stay, whatever their age.")
    @Range(min = 1)
    int keep = 10;

    @Option(
        names = "--keep-days",
        paramLabel = "DAYS",
        description = "For how many days a version stays, however many there are.")
    @Range(min = 0)
    int keepDays = 90;

    @Override
    Map<String, Object> run() {
      RegistryFolder folder = options.folder();
      List<Integer> removed =
          new Upkeep(folder).prune(keep, keepDays, Instant.now(), invocation.command());
      List<Integer> left = folder.versions();
      result(
          "%s: %s removed%s, %s left"
              .formatted(
                  folder.show(),
                  Figures.count(removed.size(), "version"),
                  removed.isEmpty() ? "" : " " + removed,
                  left.size()));
      return Json.fields("removed", removed, "versions", left);
    }
  }

  /** Checks everything. */
  @Command(
      name = "verify",
      description =
          "Reads all versions and events, and checks that nothing is damaged or missing; exit code 1"
              + " if something is.")
  static final class Verify extends RegistryCommand {
    private static final String PROBLEMS = "problems";

    @Override
    Map<String, Object> run() {
      RegistryFolder folder = existing();
      List<String> problems = new Upkeep(folder).verify();
      int versions = folder.versions().size();
      result(
          problems.isEmpty()
              ? "%s: %s and the journal are whole."
                  .formatted(folder.show(), Figures.count(versions, "version"))
              : String.join("\n", problems));
      return Json.fields("versions", versions, PROBLEMS, problems);
    }

    @Override
    int exitCode(Map<String, Object> figures) {
      return ((List<?>) figures.get(PROBLEMS)).isEmpty() ? 0 : Failures.FAILED;
    }
  }
}
