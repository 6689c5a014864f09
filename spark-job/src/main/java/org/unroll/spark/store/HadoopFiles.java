// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Paths;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.commons.lang3.function.FailableSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.VersionInfo;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import scala.Option;

/** Paths and files as people name them, on any Hadoop file system. */
public final class HadoopFiles {
  private static final Pattern SCHEME =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);

  /** The name of a Java class that some messages begin with. */
  private static final String CLASS_NAME = "^(?:[a-z]\\w*[.])+[A-Z]\\w*(?:Exception|Error): ";

  /** The modules of Hadoop, by scheme, that reach what Spark comes without. */
  private static final Map<String, String> CONNECTORS =
      Map.ofEntries(
          Map.entry("s3a", "hadoop-aws"),
          Map.entry("s3", "hadoop-aws"),
          Map.entry("s3n", "hadoop-aws"),
          Map.entry("abfs", "hadoop-azure"),
          Map.entry("abfss", "hadoop-azure"),
          Map.entry("wasb", "hadoop-azure"),
          Map.entry("wasbs", "hadoop-azure"),
          Map.entry("adl", "hadoop-azure-datalake"),
          Map.entry("gs", "hadoop-gcp"),
          Map.entry("oss", "hadoop-aliyun"),
          Map.entry("obs", "hadoop-huaweicloud"),
          Map.entry("cosn", "hadoop-cos"));

  private HadoopFiles() {}

  /**
   * Returns the running Spark application's Hadoop configuration; without one, what a new
   * application would get.
   */
  public static Configuration configuration() {
    Option<SparkSession> session = SparkSession.getDefaultSession();
    return session.isDefined() && !session.get().sparkContext().isStopped()
        ? session.get().sparkContext().hadoopConfiguration()
        : SparkHadoopUtil.get().newConfiguration(new SparkConf());
  }

  /**
   * Returns the absolute path, with its file system, that a person means. One without a scheme
   * belongs to the default file system, relative to the current directory where that is the local
   * one.
   *
   * @throws InputException if it is no path or nothing is known about its file system
   */
  public static Path resolve(String path, Configuration conf) {
    return at(path, conf).path();
  }

  /**
   * Returns the path of a file that another file names: from the folder of that one, unless the
   * name begins with a slash or a scheme.
   *
   * @param file the path of the other file, with its file system
   */
  public static String sibling(String file, String name) {
    boolean whole = name.startsWith(Path.SEPARATOR) || SCHEME.matcher(name).matches();
    return whole ? name : file.substring(0, file.lastIndexOf(Path.SEPARATOR) + 1) + name;
  }

  /** A path that a person named, with its file system. */
  record Place(FileSystem fs, Path path) {}

  /** Returns a place for a process that has no configuration in hand; see {@link #resolve}. */
  static Place at(String path) {
    return at(path, configuration());
  }

  private static Place at(String path, Configuration conf) {
    if (path.isBlank()) {
      throw new InputException("An empty path was given; write the path of a file or a folder.");
    }
    if (path.startsWith(RegistryFolder.SCHEME)) {
      throw new InputException(
          ("'%s' names a version in a registry, which can only be given where a model is read, and is"
                  + " never written to. Write the path of a file or a folder.")
              .formatted(path));
    }
    try {
      Path parsed = parse(path, conf);
      FileSystem fs = fileSystem(parsed, conf);
      return new Place(fs, fs.makeQualified(parsed));
    } catch (UnsupportedFileSystemException | IllegalArgumentException e) {
      if (e instanceof UnsupportedFileSystemException && path.contains("://")) {
        throw withoutConnector(path, conf, e);
      }
      throw new InputException(
          ("'%s' is not a path that can be used here: %s. A local file whose name has a colon"
                  + " is written file:/folder/name.")
              .formatted(path, reason(e)),
          e);
    } catch (IOException e) {
      throw new InputException(
          "The file system of '" + path + "' cannot be reached: " + reason(e) + ".", e);
    } catch (RuntimeException | LinkageError e) { // a class of it is missing, or has other methods
      if (e instanceof LinkageError
          || ExceptionUtils.getRootCause(e) instanceof ClassNotFoundException) {
        throw withoutConnector(path, conf, e);
      }
      throw e;
    }
  }

  /** Says what Spark is to be given for a file system that it does not have, or not whole. */
  private static InputException withoutConnector(String path, Configuration conf, Throwable e) {
    String named = new Path(path).toUri().getScheme();
    String scheme = named == null ? FileSystem.getDefaultUri(conf).getScheme() : named;
    String module = CONNECTORS.get(scheme);
    // Hadoop has had its own for Google's storage since 3.5, and has known its class since then.
    if (module == null || scheme.equals("gs") && conf.get("fs.gs.impl") == null) {
      return new InputException(
          ("'%s' cannot be used here: %s. Give spark-submit the file system's own connector with"
                  + " --packages or --jars.")
              .formatted(path, reason(e)),
          e);
    }
    String coordinates = "org.apache.hadoop:%s:%s".formatted(module, VersionInfo.getVersion());
    String other = scheme.matches("s3n?") ? " Hadoop calls it s3a://, not " + scheme + "://." : "";
    return new InputException(
        ("The file system of '%s' is not in this Spark: give spark-submit --packages %s, or scripts/unroll"
                + " a spark-defaults.conf (SPARK_CONF_DIR) with the line spark.jars.packages %s.%s")
            .formatted(path, coordinates, coordinates, other),
        e);
  }

  /**
   * Returns the path of this machine that a person means, where that is certain before Hadoop is
   * asked: nothing configures another default file system.
   *
   * @return null where Hadoop has to be asked
   */
  public static java.nio.file.Path localOrNull(String path) {
    boolean local = path.startsWith("file:/");
    if (!local && (SCHEME.matcher(path).matches() || path.isBlank() || isConfigured())) {
      return null;
    }
    try {
      return local ? Paths.get(new Path(path).toUri().getPath()) : Paths.get(path);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static boolean isConfigured() {
    return System.getProperty("spark.hadoop.fs.defaultFS") != null
        || System.getProperty("spark.hadoop.fs.default.name") != null
        || Thread.currentThread().getContextClassLoader().getResource("core-site.xml") != null;
  }

  private static Path parse(String path, Configuration conf) {
    boolean local = "file".equals(FileSystem.getDefaultUri(conf).getScheme());
    if (!local || SCHEME.matcher(path).matches()) {
      return new Path(path);
    }
    try {
      return new Path("file", null, Paths.get(path).toAbsolutePath().toString());
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * Returns the file system of a path. The local one comes without Hadoop's checksum files beside
   * the data: they would litter a model's folder, and a file that somebody edited would be refused.
   */
  public static FileSystem fileSystem(Path path, Configuration conf) throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    return fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
  }

  /** A parser makes something of the bytes of a file, whose name its messages use. */
  @FunctionalInterface
  public interface Parser<T> {
    T parse(InputStream in, String sourceName) throws IOException;
  }

  /**
   * Reads a file of the program's own, if it is there.
   *
   * @throws InputException if it cannot be read, or the parser refuses it
   */
  static <T> Optional<T> readIfThere(FileSystem fs, Path file, Parser<? extends T> parser) {
    String source = show(file);
    try (InputStream in = fs.open(file)) {
      return Optional.of(parser.parse(in, source));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new InputException(source + " cannot be read: " + reason(e) + ".", e);
    }
  }

  /**
   * Reads a file that a person named.
   *
   * @param kind of the file, for messages, such as {@code file of questions}
   * @throws InputException if there is none, it cannot be read, or the parser refuses it
   */
  public static <T> T read(String path, String kind, Parser<T> parser) {
    Place file = at(path);
    String name = show(file.path());
    try (InputStream in = file.fs().open(file.path())) {
      return parser.parse(in, name);
    } catch (FileNotFoundException e) {
      throw new InputException("There is no " + kind + " " + name + ".", e);
    } catch (IOException e) {
      throw new InputException(name + " cannot be read: " + reason(e) + ".", e);
    }
  }

  /** Returns a path as messages show it: local ones without their scheme. */
  public static String show(Path path) {
    return "file".equals(path.toUri().getScheme()) ? path.toUri().getPath() : path.toString();
  }

  /** Returns a path as a person would write it, so that {@link #at} finds it again. */
  static String address(Path path) {
    String shown = show(path);
    return at(shown).path().equals(path) ? shown : path.toString();
  }

  /** Returns whether a failure is about this very file, so that another attempt would meet it. */
  public static boolean isPermanent(IOException e) {
    return e instanceof FileNotFoundException
        || e instanceof AccessControlException
        || e instanceof java.nio.file.AccessDeniedException;
  }

  /** Returns whether a failure is that of Parquet to understand the bytes that were read. */
  public static boolean isDamage(IOException e) {
    Throwable root = ExceptionUtils.getRootCause(e);
    return root instanceof EOFException
        || root.getClass().getName().matches(".*([.]thrift|[.]zstd)[.].*");
  }

  /** Returns what went wrong in one line: file systems append stack traces and addresses. */
  public static String reason(Throwable e) {
    String message = e.getMessage();
    if (message == null || message.isBlank()) {
      return e instanceof EOFException ? "it ends too early" : e.getClass().getSimpleName();
    }
    String line = message.lines().findFirst().orElse(message).strip().replaceFirst(CLASS_NAME, "");
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }

  /** Lists a folder, or the file alone if it is one; nothing if nothing is there. */
  public static FileStatus[] list(FileSystem fs, Path folder) throws IOException {
    try {
      return fs.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  /**
   * Does something with a folder.
   *
   * @throws InputException if its file system fails or has no such names, naming the folder and the
   *     reason
   */
  static <T> T using(Path folder, FailableSupplier<T, IOException> action) {
    try {
      return action.get();
    } catch (IOException | IllegalArgumentException e) {
      throw new InputException(
          "The folder %s cannot be used: %s. Check the path and its permissions."
              .formatted(show(folder), reason(e)),
          e);
    }
  }

  /**
   * Fails unless something may be written at a path, before anything is computed: tries it in the
   * nearest folder that is there.
   *
   * @throws InputException naming the path and the reason
   */
  public static void requireWritable(String path) {
    Place place = at(path);
    requireWritable(place.fs(), place.path());
  }

  static void requireWritable(FileSystem fs, Path path) {
    requireWritable(fs, path, path);
  }

  /** Does so for a file of a folder, which is what a person has named. */
  static void requireWritable(FileSystem fs, Path named, Path path) {
    using(
        named,
        () -> {
          Path folder = path.getParent();
          while (folder != null && !folder.isRoot() && !fs.exists(folder)) {
            folder = folder.getParent();
          }
          Path probe = AtomicFiles.temporarySibling(child(folder, path.getName()));
          try {
            fs.create(probe, false).close();
          } finally {
            fs.delete(probe, false);
          }
          return true;
        });
  }

  /**
   * Fails unless this process sees all files that tasks have written: those do not, whose machines
   * have a folder of the same name each.
   *
   * @param beginnings of the names of the files
   * @param option that names the folder
   */
  public static void requireSeen(
      FileSystem fs, Path folder, Collection<String> beginnings, String option) throws IOException {
    List<String> seen =
        Stream.of(list(fs, folder))
            .filter(file -> file.getLen() > 0)
            .map(file -> file.getPath().getName())
            .toList();
    long missing =
        beginnings.stream()
            .filter(beginning -> seen.stream().noneMatch(name -> name.startsWith(beginning)))
            .count();
    if (missing > 0) {
      throw new IOException(
          ("of %s files that the workers have written, %s cannot be seen by the driver. Name a"
                  + " folder on storage that all machines share (%s)")
              .formatted(beginnings.size(), missing, option));
    }
  }

  /** Returns an error that says that something could not be written, and why. */
  public static UncheckedIOException unwritten(String what, Throwable e) {
    // What the local file system makes of a disk that is full is an error with a cause.
    IOException cause = e instanceof IOException io ? io : new IOException(e.getCause());
    String why = reason(e instanceof IOException ? e : e.getCause());
    return new UncheckedIOException(what + " could not be written: " + why, cause);
  }

  /** Returns a folder beside another one, with something behind its name. */
  public static String beside(String folder, String suffix) {
    Path path = at(folder).path();
    return address(child(path.getParent(), path.getName() + suffix));
  }

  /**
   * Returns what is in a folder by a name, which may have colons: Hadoop takes those for schemes.
   */
  public static Path child(Path folder, String name) {
    return new Path(folder, new Path(null, null, name));
  }
}
