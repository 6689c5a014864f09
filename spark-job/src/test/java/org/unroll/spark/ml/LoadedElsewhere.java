// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.SparkSession;

/** A process of its own that loads a pipeline and writes what it predicts. */
final class LoadedElsewhere {
  private LoadedElsewhere() {}

  /**
   * Runs.
   *
   * @param args the pipeline's folder, the rows as lines of JSON, and the folder for predictions
   */
  public static void main(String[] args) throws Exception {
    try (SparkSession spark = SparkSession.builder().master("local[1]").getOrCreate()) {
      PipelineModel.load(args[0])
          .transform(spark.read().json(args[1]))
          .selectExpr("prediction", "cast(probability as string) as probability")
          .coalesce(1)
          .write()
          .json(args[2]);
    }
  }
}
