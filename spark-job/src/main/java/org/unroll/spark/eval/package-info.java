// SPDX-License-Identifier: Apache-2.0
/**
 * The metrics that each field reports. All are made of sums of what parts of the data gave, and
 * divided once: the parts may be added in any grouping.
 */
package org.unroll.spark.eval;
