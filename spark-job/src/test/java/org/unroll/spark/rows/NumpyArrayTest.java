// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.rows.RowReader.BadRowException;

/** Headers and numbers are those that NumPy 2 wrote. */
class NumpyArrayTest {
  @TempDir Path folder;

  /** Reads an array that rows in another folder name. */
  private static Frames read(String name) throws BadRowException {
    return NumpyArray.read("file:/rows/rows.jsonl", name);
  }

  private Path write(String header, String numbers) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
    byte[] text = new byte[118];
    Arrays.fill(text, (byte) ' ');
    byte[] told = header.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(told, 0, text, 0, told.length);
    text[117] = '\n';
    all.writeBytes(text);
    all.writeBytes(HexFormat.of().parseHex(numbers));
    return Files.write(folder.resolve("a.npy"), all.toByteArray());
  }

  private static String header(String type, String shape) {
    return "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "<f4; 2, 3; 0000803f00002040000040c000000000000080400000a040; 1.0, 2.5, -3.0, 0.0, 4.0, 5.0; 3",
        "<f8; 3,; 9a9999999999b93f00000000000000400000000000000840; 0.1, 2.0, 3.0; 3",
        "|u1; 2, 2, 2; 00ff070801020304; 0.0, 255.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0; 2",
        "<i8; 2, 1; 0100000000000000feffffffffffffff; 1.0, -2.0; 1"
      })
  void a_vector_a_list_of_them_and_a_picture_are_steps(
      String type, String shape, String numbers, String values, int width) throws Exception {
    Path file = write(header(type, shape), numbers);
    String rows = folder.toUri() + "rows.jsonl";
    Object[] names = {file.getFileName().toString()};
    Frames frames = Frames.of(rows, List.of("features"), names, false);
    assertThat(Arrays.toString(frames.values())).isEqualTo("[" + values + "]");
    assertThat(frames.channels()).isEqualTo(width);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }; order of C",
        "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }; no header",
        "{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }; array.astype('float32')",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }; array.astype('float32')",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (), }; has the shape ()",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1), }; has the shape",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999, 99999), }; has the shape",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }; ends before its last number"
      })
  void what_cannot_be_read_is_a_bad_row(String header, String told) throws IOException {
    Path file = write(header, "0000803f");
    assertThatThrownBy(() -> read(file.toString()))
        .isInstanceOf(BadRowException.class)
        .hasMessageContaining("a.npy")
        .hasMessageContaining(told);
  }

  @Test
  void files_that_are_not_there_or_of_another_kind_are_bad_rows() throws IOException {
    assertThatThrownBy(() -> read(folder.resolve("none.npy").toString()))
        .isInstanceOf(BadRowException.class)
        .hasMessageContaining("There is no array of NumPy")
        .hasMessageContaining("none.npy");
    Path text = Files.writeString(folder.resolve("b.npy"), "1 2 3 4 5 6");
    assertThatThrownBy(() -> read(text.toString()))
        .hasMessageContaining("does not begin as files of numpy.save do");
    Path cut =
        Files.write(folder.resolve("c.npy"), new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1});
    assertThatThrownBy(() -> read(cut.toString()))
        .isInstanceOf(BadRowException.class)
        .hasMessageContaining("it ends too early");
  }

  @Test
  void several_columns_of_arrays_stand_side_by_side() throws Exception {
    String file = write(header("|u1", "2, 1"), "0102").toString();
    Frames frames = Frames.of("rows.csv", List.of("a", "b"), new Object[] {file, file}, false);
    assertThat(frames.channels()).isEqualTo(2);
    assertThat(frames.values()).containsExactly(1, 1, 2, 2);
  }
}
