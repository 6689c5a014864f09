// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The phases of a retraining in their order. Each begins with the use of a file by which it can be
 * told from outside, behind uses of others where that file alone does not say it.
 */
enum RetrainPhase {
  /** The lock is taken, and nothing is known yet. */
  LOCK("/tickets/journal$"),
  /** The journal is read for the ledger that its events have. */
  LEDGER("/journal/\\d{8}\\.[^/]*json$"),
  /** The input is looked at, listed and read for its hashes. */
  INPUT("/in/day=[^/]*/[^/]*\\.tsv$"),
  /** The plan is written. */
  PLAN("/work/\\.plan\\.json\\.unroll-"),
  /** Rows are divided and encoded: one shard is there, the next one is written. */
  SHARDS("/work/model\\.shards/\\.train-00001"),
  /** The best model so far is written, of which the first files are there. */
  MODEL("/work/\\.model\\.unroll-[0-9a-f-]*/model\\.safetensors$"),
  /** It trains: a checkpoint is there, the next one is written. */
  CHECKPOINT("/work/model\\.checkpoints/round-", "/work/model\\.checkpoints/\\.round-\\d"),
  /** Champion and challenger were compared, and it is told how data drifted. */
  JUDGING("/versions/\\d{6}/version\\.json$"),
  /** The verdict is written beside the model. */
  VERDICT("/work/model/\\.version\\.json\\.unroll-"),
  /** The model becomes a version. */
  VERSION("/work/model/\\.version\\.json\\.unroll-", "/versions/\\d{6}$"),
  /** The event is written under the name of a temporary file. */
  EVENT("/journal/\\.\\d{8}[^/]*\\.unroll-"),
  /** The event is there, and gets the name by which it promotes. */
  PROMOTION("/journal/\\.\\d{8}[^/]*\\.unroll-", "/journal/\\d{8}\\.[^/]*json$"),
  /** All is decided, and the page is written. */
  PAGE("/tickets/\\.index\\.html\\.unroll-"),
  /** A server of MLflow is told, which uses no file. */
  MLFLOW(),
  /** The outcome is written for machines. */
  OUTCOME("/tickets/\\.outcome\\.json\\.unroll-"),
  /** What the run needed itself is removed. */
  UPKEEP("/tickets/outcome\\.json$", "/tickets/work$"),
  /** The lock is given back. */
  RELEASE("/tickets/outcome\\.json$", "/tickets/work$", "/\\.tickets\\.unroll-claim/000001$");

  private final List<Pattern> way;

  RetrainPhase(String... way) {
    this.way = Stream.of(way).map(Pattern::compile).toList();
  }

  /** Returns whether uses of files show the phase. */
  boolean isOfFiles() {
    return !way.isEmpty();
  }

  /**
   * Returns a test that is to be asked for the paths of a run, in order, until the phase begins.
   */
  Predicate<String> begins() {
    int[] next = {0};
    return path -> {
      if (way.get(next[0]).matcher(path).find()) {
        next[0]++;
      }
      return next[0] == way.size();
    };
  }

  /** Returns the phases that a run has come to, in the order in which it has. */
  static List<RetrainPhase> of(List<String> used) {
    return Stream.of(values())
        .filter(RetrainPhase::isOfFiles)
        .filter(phase -> phase.beginning(used) < used.size())
        .sorted((a, b) -> Integer.compare(a.beginning(used), b.beginning(used)))
        .toList();
  }

  private int beginning(List<String> used) {
    Predicate<String> begins = begins();
    int place = 0;
    while (place < used.size() && !begins.test(used.get(place))) {
      place++;
    }
    return place;
  }
}
