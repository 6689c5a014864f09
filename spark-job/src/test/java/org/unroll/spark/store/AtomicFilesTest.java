// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  private static final Configuration CONF = new Configuration();

  @TempDir Path folder;

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return HadoopFiles.resolve(path.toString(), CONF);
  }

  private static FileSystem local() throws IOException {
    return HadoopFiles.fileSystem(new org.apache.hadoop.fs.Path("file:///"), CONF);
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFiles.write(
        local(), hadoop(file), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }

  @Test
  void a_file_is_written_and_replaced_and_nothing_else_is_left() throws IOException {
    Path file = folder.resolve("file");
    write(file, "one");
    write(file, "two");
    assertThat(file).hasContent("two");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void missing_folders_are_made() throws IOException {
    write(folder.resolve("a/b/c"), "text");
    assertThat(folder.resolve("a/b/c")).hasContent("text");
  }

  @Test
  void a_failure_leaves_the_old_content() throws IOException {
    Path file = folder.resolve("file");
    write(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    local(),
                    hadoop(file),
                    out -> {
                      out.write('x');
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void a_full_disk_is_a_failure_like_others() throws Exception {
    Path file = folder.resolve("file");
    write(file, "old");
    Constructor<FSError> constructor = FSError.class.getDeclaredConstructor(Throwable.class);
    constructor.setAccessible(true);
    FSError full = constructor.newInstance(new IOException("No space left on device"));
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    local(),
                    hadoop(file),
                    out -> {
                      throw full;
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left on device");
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void a_folder_never_moves_into_another_one() throws IOException {
    Path from = Files.createDirectories(folder.resolve("from"));
    Files.writeString(from.resolve("new"), "");
    Path to = Files.createDirectories(folder.resolve("to"));
    Path old = Files.writeString(to.resolve("old"), "");
    assertThatThrownBy(() -> AtomicFiles.move(local(), hadoop(from), hadoop(to)))
        .isInstanceOf(IOException.class);
    assertThat(from.resolve("new")).exists();
    Files.delete(old);
    AtomicFiles.move(local(), hadoop(from), hadoop(to));
    assertThat(to.resolve("new")).exists();
    assertThat(from).doesNotExist();
  }
}
