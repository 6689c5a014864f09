// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import org.apache.spark.package$;

/** The versions of what is at work. */
public final class Versions {
  private Versions() {}

  /** This program's, from its jar. */
  public static String unroll() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Spark's. */
  public static String spark() {
    return package$.MODULE$.SPARK_VERSION();
  }

  /** The Java runtime's. */
  public static String java() {
    return Runtime.version() + " (" + System.getProperty("java.vm.name") + ")";
  }

  /** All in one line. */
  public static String line() {
    return "unroll " + unroll() + ", Spark " + spark() + ", Java " + java();
  }
}
