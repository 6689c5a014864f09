// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model's folder on this machine, read without Hadoop. */
record LocalModelFolder(Path path) implements ModelSource {
  @Override
  public String show() {
    return path.toString();
  }

  @Override
  public String show(String name) {
    return path.resolve(name).toString();
  }

  @Override
  public boolean holds(String name) {
    return Files.exists(path.resolve(name));
  }

  @Override
  public long length(String name) {
    try {
      return Files.size(path.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public InputStream open(String name) throws IOException {
    return Files.newInputStream(path.resolve(name));
  }
}
