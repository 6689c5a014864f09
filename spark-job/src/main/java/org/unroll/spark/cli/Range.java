// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The values that a numeric option takes, which {@link OptionRules} checks for every command. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Range {
  /** Returns the smallest value. */
  double min() default 0;

  /** Returns the largest value. */
  double max() default Double.POSITIVE_INFINITY;

  /** Returns whether {@link #min} itself is refused. */
  boolean above() default false;

  /** Returns whether {@link #max} itself is refused. */
  boolean below() default false;
}
