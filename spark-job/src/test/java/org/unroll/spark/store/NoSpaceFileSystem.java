// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** Local files on a disk that is full: all can be made, and nothing gets into them. */
public class NoSpaceFileSystem extends RawLocalFileSystem {
  private static final String REASON = "No space left on device";

  /** The options of a command that names files with {@code full:} and {@code sealed:}. */
  public static final String OPTIONS =
      " --conf spark.hadoop.fs.full.impl="
          + NoSpaceFileSystem.class.getName()
          + " --conf spark.hadoop.fs.sealed.impl="
          + Sealed.class.getName();

  /** Local folders in which nobody may make a file: tests may run as root, who may everywhere. */
  public static final class Sealed extends NoSpaceFileSystem {
    @Override
    public URI getUri() {
      return URI.create("sealed:///");
    }

    @Override
    public String getScheme() {
      return "sealed";
    }

    @Override
    FSDataOutputStream create() throws IOException {
      throw new IOException("Permission denied");
    }
  }

  @Override
  public URI getUri() {
    return URI.create("full:///");
  }

  @Override
  public String getScheme() {
    return "full";
  }

  FSDataOutputStream create() throws IOException {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(REASON);
          }
        };
    return new FSDataOutputStream(full, null);
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    super.create(path, overwrite, buffer, replication, block, progress).close();
    return create();
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    super.create(path, permission, overwrite, buffer, replication, block, progress).close();
    return create();
  }
}
