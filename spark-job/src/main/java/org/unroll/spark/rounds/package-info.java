// SPDX-License-Identifier: Apache-2.0
/**
 * Rounds on Spark: who takes part in one, and how parameters go out and sums come in. What is
 * computed is a {@link org.unroll.spark.rounds.ShardWork}, of which nothing else is known here;
 * {@link org.unroll.spark.rounds.RoundsFactory} makes the rounds of any such work. Resident rounds
 * are a {@code RoundHub} with sessions in the driver's own process or behind Spark's network
 * library; job rounds are a Spark job each.
 */
package org.unroll.spark.rounds;
