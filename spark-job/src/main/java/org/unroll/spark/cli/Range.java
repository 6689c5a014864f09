// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The values that a numeric option takes; checked for every command by {@link Ranges}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Range {
  /** The smallest value. */
  double min() default 0;

  /** The largest value. */
  double max() default Double.POSITIVE_INFINITY;

  /** Whether {@link #min} itself is refused. */
  boolean above() default false;

  /** Whether {@link #max} itself is refused. */
  boolean below() default false;
}
