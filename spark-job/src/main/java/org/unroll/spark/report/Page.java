// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.List;

/**
 * A page that was written.
 *
 * @param html the whole file, which needs nothing else
 * @param pictures those that it shows, each of which may become a file of its own; they are drawn
 *     when somebody asks for one
 */
public record Page(byte[] html, List<PictureFile> pictures) {}
