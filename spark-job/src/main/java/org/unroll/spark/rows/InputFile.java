// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

/**
 * A file of the input.
 *
 * @param path with its file system
 * @param name relative to the folder that was given, so that it does not depend on where the data
 *     is kept
 * @param bytes its length
 * @param modified when it was last changed, in milliseconds since 1970
 * @param packed whether it is compressed, and so can only be read from its start
 */
public record InputFile(String path, String name, long bytes, long modified, boolean packed) {}
