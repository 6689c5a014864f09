// SPDX-License-Identifier: Apache-2.0
/**
 * Data that are made up, with a known truth: for trying things out, for tests and for measuring.
 */
package org.unroll.spark.lab;
