// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.TaskContext;

/** Local files on a disk that is full: all can be made, and nothing gets into them. */
public class NoSpaceFileSystem extends RawLocalFileSystem {
  private static final String REASON = "No space left on device";

  /** The options of a command that names files with {@code full:} and {@code sealed:}. */
  public static final String OPTIONS =
      " --conf spark.hadoop.fs.full.impl="
          + NoSpaceFileSystem.class.getName()
          + " --conf spark.hadoop.fs.sealed.impl="
          + Sealed.class.getName()
          + " --conf spark.hadoop.fs.gone.impl="
          + Gone.class.getName()
          + " --conf spark.hadoop.fs.filled.impl="
          + Filled.class.getName()
          + " --conf spark.hadoop.fs.taken.impl="
          + Taken.class.getName()
          + " --conf spark.hadoop.fs.own.impl.disable.cache=true"
          + " --conf spark.hadoop.fs.own.impl="
          + Own.class.getName();

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
    FSDataOutputStream made(Path path, FSDataOutputStream file) throws IOException {
      file.close();
      throw new IOException("Permission denied");
    }
  }

  /** Local folders that somebody removes, unfinished, as soon as a file is in them. */
  public static final class Gone extends NoSpaceFileSystem {
    @Override
    public URI getUri() {
      return URI.create("gone:///");
    }

    @Override
    public String getScheme() {
      return "gone";
    }

    @Override
    FSDataOutputStream made(Path path, FSDataOutputStream file) throws IOException {
      for (Path folder = path.getParent(); folder != null; folder = folder.getParent()) {
        if (folder.getName().contains(AtomicFiles.MARK)) {
          delete(folder, true);
        }
      }
      return file;
    }
  }

  /** Local files on a disk that is full as soon as a registry's journal is written. */
  public static final class Filled extends NoSpaceFileSystem {
    @Override
    public URI getUri() {
      return URI.create("filled:///");
    }

    @Override
    public String getScheme() {
      return "filled";
    }

    @Override
    FSDataOutputStream made(Path path, FSDataOutputStream file) throws IOException {
      return path.getParent().getName().equals("journal") ? super.made(path, file) : file;
    }
  }

  /** Local registries that another run takes over as soon as there is a plan in them. */
  public static final class Taken extends NoSpaceFileSystem {
    @Override
    public URI getUri() {
      return URI.create("taken:///");
    }

    @Override
    public String getScheme() {
      return "taken";
    }

    @Override
    FSDataOutputStream made(Path path, FSDataOutputStream file) throws IOException {
      if (path.getName().contains("plan.json")) {
        java.nio.file.Path registry = pathToFile(path).toPath().getParent().getParent();
        Files.writeString(
            registry.resolveSibling("." + registry.getFileName() + ".unroll-claim/000002"),
            "another\nanother run");
      }
      return file;
    }
  }

  /**
   * Local folders as machines have them that share none: what a task makes, nobody else sees. It is
   * where {@code unroll.elsewhere} of the configuration says.
   */
  public static final class Own extends NoSpaceFileSystem {
    @Override
    public URI getUri() {
      return URI.create("own:///");
    }

    @Override
    public String getScheme() {
      return "own";
    }

    @Override
    FSDataOutputStream made(Path path, FSDataOutputStream file) {
      return file;
    }

    @Override
    public File pathToFile(Path path) {
      TaskContext task = TaskContext.get();
      File file = super.pathToFile(path);
      return task == null
          ? file
          : new File(getConf().get("unroll.elsewhere") + "/" + task.taskAttemptId() + file);
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

  /** Returns what a new file is written to. */
  FSDataOutputStream made(Path path, FSDataOutputStream file) throws IOException {
    file.close();
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
    return made(path, super.create(path, overwrite, buffer, replication, block, progress));
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
    return made(
        path, super.create(path, permission, overwrite, buffer, replication, block, progress));
  }
}
