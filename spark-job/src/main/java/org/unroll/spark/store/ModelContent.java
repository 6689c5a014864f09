// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.util.Map;

/** The files of a model: {@code config.json}, {@code model.safetensors} and its vocabularies. */
public interface ModelContent {
  /** What each file holds, by its name. */
  Map<String, AtomicFiles.Content> files();
}
