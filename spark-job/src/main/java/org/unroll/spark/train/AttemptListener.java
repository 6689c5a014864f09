// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.HashSet;
import java.util.Set;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Tells the hub what Spark knows of the workers: how many attempts of each it is running, and why
 * one failed. A machine that died closes none of its connections, and a worker that does not get
 * through cannot say so itself.
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
    if (!stages.contains(end.stageId())) {
      return;
    }
    int worker = end.taskInfo().index();
    if (end.reason() instanceof ExceptionFailure failure) {
      hub.attemptFailed(worker, end.taskInfo().host(), failure.description());
    }
    hub.attempts(worker, --running[worker]);
  }
}
