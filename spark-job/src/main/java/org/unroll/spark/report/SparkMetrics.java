// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;

/**
 * Numbers that Spark's metrics system shows in all its sinks, as {@code
 * APPLICATION.EXECUTOR.unroll.NAME}.
 */
public final class SparkMetrics implements Source, AutoCloseable {
  private final MetricRegistry registry = new MetricRegistry();
  private MetricsSystem system;

  /** Adds a number, which is asked for by any thread. */
  public SparkMetrics with(String name, Supplier<Number> value) {
    registry.register(name, (Gauge<Number>) value::get);
    return this;
  }

  /** Shows the numbers from here on, in the metrics system of this process. */
  public void show() {
    if (system == null) {
      system = SparkEnv.get().metricsSystem();
      system.registerSource(this);
    }
  }

  @Override
  public String sourceName() {
    return "unroll";
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }

  /** Shows the numbers no longer. */
  @Override
  public void close() {
    if (system != null) {
      system.removeSource(this);
      system = null;
    }
  }
}
