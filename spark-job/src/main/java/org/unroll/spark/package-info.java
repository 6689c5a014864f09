// SPDX-License-Identifier: Apache-2.0
/**
 * The program that Spark starts, and the classes that it registers with Kryo. All else is in the
 * packages below; {@code ARCHITECTURE.md} of this module shows which may use which.
 */
package org.unroll.spark;
