// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.io.InputException;

class PairedLinesTest {

  /** The lines of a file, of which BAD cannot be read. */
  private static final class Given implements RowReader {
    private final Iterator<String> lines;
    private long position;
    private boolean closed;

    Given(String... lines) {
      this.lines = List.of(lines).iterator();
    }

    @Override
    public RawRow next() throws BadRowException {
      if (!lines.hasNext()) {
        return null;
      }
      String line = lines.next();
      position += 10;
      if (line.equals("BAD")) {
        throw new BadRowException(position, "it is no UTF-8");
      }
      return new RawRow(position, line.isEmpty() ? null : new Object[] {line});
    }

    @Override
    public long bytes() {
      return position;
    }

    @Override
    public long invalidBytes() {
      return 1;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static PairedLines pairs(RowReader sources, RowReader targets) {
    return new PairedLines(sources, "x.de", targets, "x.en");
  }

  /** Returns what is told of each line: a pair, a gap, or what is wrong with it. */
  private static List<String> read(PairedLines pairs) throws IOException {
    List<String> all = new ArrayList<>();
    while (true) {
      try {
        RowReader.RawRow row = pairs.next();
        if (row == null) {
          return all;
        }
        all.add(
            row.position()
                + (row.values() == null ? "" : " " + row.values()[0] + " = " + row.values()[1]));
      } catch (RowReader.BadRowException e) {
        all.add(e.position() + " " + e.getMessage());
      }
    }
  }

  @Test
  void lines_go_together_by_their_numbers_and_gaps_count() throws IOException {
    assertThat(read(pairs(new Given("eins", "", "zwei"), new Given("one", "", "two"))))
        .containsExactly("10 eins = one", "20", "30 zwei = two");
    assertThat(read(pairs(new Given(), new Given()))).isEmpty();
  }

  @Test
  void a_line_without_another_is_told_and_those_behind_it_are_read() throws IOException {
    assertThat(
            read(
                pairs(
                    new Given("", "b", "BAD", "d", "BAD", "f"),
                    new Given("one", "", "three", "BAD", "BAD", "six"))))
        .containsExactly(
            "10 it is empty, but line 1 of x.en is not",
            "20 line 2 of x.en goes with it, and is empty",
            "30 it is no UTF-8",
            "40 line 4 of x.en goes with it, and it is no UTF-8",
            "50 it is no UTF-8",
            "60 f = six");
  }

  @Test
  void unequal_numbers_of_lines_are_told_with_both() {
    assertThatThrownBy(() -> read(pairs(new Given("a", "BAD", "c"), new Given("A"))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("x.de and of x.en must be pairs")
        .hasMessageContaining("has 3 lines and the second 1");
    assertThatThrownBy(() -> read(pairs(new Given("a"), new Given("A", ""))))
        .hasMessageContaining("has 1 line and the second 2");
    assertThat(PairedLines.unequal("a", 0, "b", 1)).hasMessageContaining("has 0 lines");
  }

  @Test
  void bytes_are_those_of_both_and_both_are_closed() throws IOException {
    Given source = new Given("a");
    Given target = new Given("A");
    try (PairedLines pairs = pairs(source, target)) {
      read(pairs);
      assertThat(pairs.bytes()).isEqualTo(20);
      assertThat(pairs.invalidBytes()).isEqualTo(2);
    }
    assertThat(source.closed && target.closed).isTrue();
  }
}
