// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.io.InputStream;

/** Where the files of a model are read from. */
interface ModelSource {
  /** Returns the folder as messages name it. */
  String show();

  /** Returns a file of the folder as messages name it. */
  String show(String name);

  /** Returns whether there is such a file. */
  boolean holds(String name);

  /** Returns the bytes of a file that is there. */
  long length(String name);

  /** Opens a file. */
  InputStream open(String name) throws IOException;
}
