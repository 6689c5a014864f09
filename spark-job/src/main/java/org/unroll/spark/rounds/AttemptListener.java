// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.HashSet;
import java.util.Set;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Tells the hub how many attempts of each worker Spark is running: a machine that died closes none
 * of its connections.
 */
final class AttemptListener extends SparkListener {
  private final String group;
  private final RoundHub hub;
  private final Set<Integer> stages = new HashSet<>();
  private final int[] running;

  /** For the workers whose jobs run in this group. */
  AttemptListener(String group, int workers, RoundHub hub) {
    this.group = group;
    this.hub = hub;
    running = new int[workers];
  }

  @Override
  public void onJobStart(SparkListenerJobStart job) {
    if (group.equals(job.properties().getProperty("spark.jobGroup.id"))) {
      job.stageInfos().foreach(stage -> stages.add(stage.stageId()));
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart start) {
    if (stages.contains(start.stageId())) {
      int worker = start.taskInfo().index();
      hub.attempts(worker, ++running[worker]);
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    if (stages.contains(end.stageId())) {
      int worker = end.taskInfo().index();
      hub.attempts(worker, --running[worker]);
    }
  }
}
