// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Options that an option does not go with: where a preset gives this one and one of those is typed
 * behind it, those win; see {@link Precedence}. Two that are typed are refused as ever, by the
 * check of the class that declares them.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface GivesWay {
  /**
   * To any of these options when it says something else than is so anyway, as {@code --valid}; or
   * to one of its values alone, as {@code --cell=gru}.
   */
  String[] to();
}
