// SPDX-License-Identifier: Apache-2.0

/**
 * Models that live for years: retrained when there is new data, judged against the champion, kept
 * as versions in a registry.
 *
 * <pre>{@code
 * RetrainJob
 *   InputLedger, DataWindow   which files are new, changed, vanished, late; which are learnt
 *   Planner, RunPlan          what the run is going to do, for whoever goes on with it
 *   TrainJob (of task)        the challenger, from the champion or anew
 *   Judge, Guards             both on the same rows, and what a promotion demands
 *   MlflowClient, MlflowServer   what a server of MLflow is told
 *
 * RegistryFolder  <- RetrainJob     a version and the event that moves the champion
 *  (of store)     <- Promotions     which version an alias has, and had before
 *                 <- Upkeep         old versions are removed, all of them are checked
 *                 <- VersionFacts   what version.json tells, for people
 *                 <- RegistryPage   the history as curves, index.html
 * }</pre>
 *
 * <p>The package uses all other packages of the Spark job but {@code lab} and {@code cli}.
 */
package org.unroll.spark.registry;
