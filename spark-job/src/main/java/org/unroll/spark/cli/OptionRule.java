// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An option's declaration says with this where it applies and what it goes with; {@link
 * OptionRules} is the only place that reads it. Other options are named as {@code --valid}, which
 * means that they say something else than is so anyway, or with one value, as {@code --cell=gru}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface OptionRule {
  /**
   * Returns the only tasks that the option says something to; none for those of the group, or all
   * but {@link #notTasks}.
   */
  TaskName[] tasks() default {};

  /** Returns the tasks that the option says nothing to. */
  TaskName[] notTasks() default {};

  /**
   * Returns what the option does not go with, nor that with the option. One of the two has to
   * declare it. Two that are typed are refused; one of a preset gives way to what is typed behind
   * it, and is no setting.
   */
  String[] notWith() default {};

  /** Returns why not, behind "X and Y", as in "both name the validation data". */
  String why() default "";

  /** Returns what the option says something about: where none of this is so, it is refused. */
  String[] needs() default {};

  /** Returns the only value with which the option needs something; nothing for any. */
  String when() default "";

  /**
   * Returns whether the value is among a training's settings; nothing for what the group says.
   * Options are none that leave the result as it is, and those of the data, whose contents count
   * and not their names.
   */
  boolean[] setting() default {};

  /** The options that a class declares share a heading. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface Group {
    /** Returns what they are about, as {@link HelpPage} has it above them. */
    String value();

    /** Returns whether they are among a training's settings where they do not say it themselves. */
    boolean settings() default true;

    /** Returns the only tasks that those say something to that name none themselves. */
    TaskName[] tasks() default {};
  }
}
