// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the options that a class declares are about; see {@link HelpPage}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Heading {
  String value();
}
