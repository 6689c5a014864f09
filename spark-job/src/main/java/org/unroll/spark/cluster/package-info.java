/**
 * The cluster: the one place where Spark is configured and started, what its masters and executors
 * offer, and what to say when they do not give what a command needs. It uses nothing of the other
 * packages but the names of classes that Spark is told of.
 */
package org.unroll.spark.cluster;
