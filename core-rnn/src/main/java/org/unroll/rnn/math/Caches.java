// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sizes of a core's caches, from which the blocks of a product follow: those that the property
 * {@value #PROPERTY} gives, such as {@code 32K,512K}, else those that Linux tells of, else such as
 * most processors have. No result depends on them.
 *
 * @param first the bytes of data in the first-level cache
 * @param second the bytes of the second-level cache
 */
record Caches(int first, int second) {
  static final String PROPERTY = "unroll.caches";

  private static final Path LINUX = Path.of("/sys/devices/system/cpu/cpu0/cache");
  private static final Caches USUAL = new Caches(32 << 10, 512 << 10);
  private static final Pattern SIZE = Pattern.compile("(\\d{1,6})([KM])");

  static Caches ofThisMachine() {
    String given = System.getProperty(PROPERTY);
    return given == null ? of(LINUX) : parse(given);
  }

  /** Returns the sizes that a property gives. */
  static Caches parse(String given) {
    String[] sizes = given.split(",", -1);
    int first = sizes.length == 2 ? bytes(sizes[0]) : 0;
    int second = sizes.length == 2 ? bytes(sizes[1]) : 0;
    if (first == 0 || second < first) {
      throw new IllegalArgumentException(
          ("property %s is '%s'; it gives the sizes of a core's first and second cache, as in"
                  + " 32K,512K")
              .formatted(PROPERTY, given));
    }
    return new Caches(first, second);
  }

  /** Returns the sizes that a folder of Linux tells of, or the usual ones. */
  static Caches of(Path folder) {
    int first = 0;
    int second = 0;
    try (DirectoryStream<Path> caches = Files.newDirectoryStream(folder, "index*")) {
      for (Path cache : caches) {
        String level = read(cache, "level");
        if (level.equals("1") && read(cache, "type").equals("Data")) {
          first = bytes(read(cache, "size"));
        } else if (level.equals("2")) {
          second = bytes(read(cache, "size"));
        }
      }
    } catch (IOException e) {
      return USUAL;
    }
    return new Caches(first == 0 ? USUAL.first : first, second == 0 ? USUAL.second : second);
  }

  private static String read(Path cache, String name) throws IOException {
    return Files.readString(cache.resolve(name)).strip();
  }

  /** Returns the bytes of a size such as 512K, at least 8 KiB and at most 256 MiB, or 0. */
  private static int bytes(String size) {
    Matcher matcher = SIZE.matcher(size.strip());
    if (!matcher.matches()) {
      return 0;
    }
    long bytes = Long.parseLong(matcher.group(1)) << (matcher.group(2).equals("K") ? 10 : 20);
    return bytes < 8 << 10 || bytes > 256 << 20 ? 0 : (int) bytes;
  }
}
