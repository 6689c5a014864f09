// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A process of its own that loads the best of a cross-validation and writes what it predicts. */
final class LoadedElsewhere {
  private LoadedElsewhere() {}

  /**
   * Runs.
   *
   * @param args the model's folder, the rows as lines of JSON, and the file for predictions
   */
  public static void main(String[] args) throws Exception {
    try (SparkSession spark = SparkSession.builder().master("local[1]").getOrCreate()) {
      List<Row> told =
          CrossValidatorModel.load(args[0])
              .transform(spark.read().json(args[1]))
              .select("prediction", "probability")
              .collectAsList();
      Files.write(Path.of(args[2]), told.stream().map(SparkMlIT::shown).toList());
    }
  }
}
