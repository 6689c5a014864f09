// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.WorkerTimes;

/**
 * The result of a task: what one worker contributes, or what several do after their sums were added
 * as far as the canonical tree allows.
 */
public final class RoundResult implements Serializable {
  private static final long serialVersionUID = 1L;

  private final WorkerReport[] reports;
  private final PackedSum[] sums;

  private RoundResult(WorkerReport[] reports, PackedSum[] sums) {
    this.reports = reports;
    this.sums = sums;
  }

  /**
   * A worker's contribution; its sums are copied, its states are not.
   *
   * @param nodes of its sums
   */
  static RoundResult of(
      int worker, String location, List<ShardTree.Node> nodes, Contribution c, SumFormat format) {
    List<WeightedSum> sums = c.sums();
    List<Evaluation> parts =
        sums.isEmpty()
            ? c.evaluations()
            : sums.stream().map(sum -> Evaluation.of(sum.loss())).toList();
    long start = System.nanoTime();
    PackedSum[] packed = new PackedSum[sums.size()];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = format.pack(nodes.get(i), sums.get(i));
    }
    WorkerTimes times = c.times().with(System.nanoTime() - start, 0);
    WorkerReport report = new WorkerReport(worker, location, null, parts, c.states(), times);
    return new RoundResult(new WorkerReport[] {report}, packed);
  }

  /** The data are to blame: a result, because Spark would try again after an exception. */
  static RoundResult inputError(int worker, String location, String message) {
    WorkerReport report =
        new WorkerReport(
            worker, location, message, List.of(), Contribution.NO_STATES, WorkerTimes.NONE);
    return new RoundResult(new WorkerReport[] {report}, new PackedSum[0]);
  }

  /** What several workers contribute together. */
  static RoundResult of(List<WorkerReport> reports, ShardTree tree, SumFormat format) {
    return new RoundResult(
        reports.toArray(WorkerReport[]::new),
        tree.pending().entrySet().stream()
            .map(entry -> format.pack(entry.getKey(), entry.getValue()))
            .toArray(PackedSum[]::new));
  }

  /** In no order. */
  List<WorkerReport> reports() {
    return List.of(reports);
  }

  /** TRAIN: the sums, each of other shards. */
  List<PackedSum> sums() {
    return List.of(sums);
  }

  /** Classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    Stream<Class<?>> own =
        Stream.of(
            RoundParams.class,
            WorkerReport.class,
            WorkerReport[].class,
            PackedSum.class,
            PackedSum[].class);
    return Stream.concat(own, Stream.of(PackedFloats.kryoClasses())).toArray(Class<?>[]::new);
  }
}
