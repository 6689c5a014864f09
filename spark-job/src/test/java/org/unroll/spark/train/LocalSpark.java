// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.KryoSerializer;
import org.unroll.spark.UnrollRegistrator;

/** Spark for tests, with Kryo as strict as in the commands. */
final class LocalSpark {
  private LocalSpark() {}

  static JavaSparkContext start(String master, Map<String, String> settings) {
    SparkConf conf =
        new SparkConf()
            .setMaster(master)
            .setAppName("rounds")
            .set("spark.ui.enabled", "false")
            .set("spark.serializer", KryoSerializer.class.getName())
            .set("spark.kryo.registrationRequired", "true")
            .set("spark.kryo.registrator", UnrollRegistrator.class.getName());
    settings.forEach(conf::set);
    return new JavaSparkContext(conf);
  }

  static JavaSparkContext start(String master) {
    return start(master, Map.of());
  }
}
