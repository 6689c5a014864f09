// SPDX-License-Identifier: Apache-2.0

/**
 * Models that live for years: the versions of a model in a registry, which of them is in use, and
 * what is kept.
 *
 * <pre>{@code
 * RegistryFolder  <- Promotions     which version an alias has, and had before
 *  (of store)     <- Upkeep         old versions are removed, all of them are checked
 *                 <- VersionFacts   what version.json tells, for people
 * }</pre>
 *
 * <p>The package uses all other packages of the Spark job but {@code lab} and {@code cli}.
 */
package org.unroll.spark.registry;
