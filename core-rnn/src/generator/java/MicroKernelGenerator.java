// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes {@code org.unroll.rnn.math.VectorMicroKernels}: one method for every height of a register
 * tile, because a tile lives in registers only when each of its accumulators is a local variable.
 * Run by the build as a single source file; its argument is the root of the generated sources.
 *
 * <p>A tile of R rows and two vectors (one vector for the last columns of a matrix) is
 *
 * <pre>
 *            b0     b1        one row of the packed panel, two vectors
 *   a[0]    s0_0   s0_1
 *   a[1]    s1_0   s1_1       per k: s(i,j) = fma(a[i], b(j), s(i,j))
 *   ...
 *   a[R-1]
 * </pre>
 *
 * R is at most 10: 20 accumulators, two for b and one for a fit 32 vector registers, and the method
 * is small enough for the compiler to inline everything in it, without which vectors become
 * objects. With 16 registers R is at most 5: of a sixth row compilers spill accumulators.
 *
 * <p>A is read in one of two forms: as it lies, row by row, where every row needs an address of its
 * own; or copied to {@code [k, R]}, where one address serves all.
 *
 * <p>The loop of a tile that 16 registers hold, and of every copied one, counts the floats of B,
 * and A's index moves beside it by hand. Then the compiler leaves the check of A's index in the
 * loop, which costs less than the multiplications for an index made from a counter of rows, and
 * which keeps it from loading all numbers of A first and from unrolling the loop: where it does
 * either, accumulators go through memory, at less than half the speed. Tall tiles that read A row
 * by row count rows, every index a constant multiple of the counter plus something fixed, so that
 * bounds are checked before the loop: they have registers enough.
 *
 * <p>The loop that measures the peak is written here for the same reason: its chains are local
 * variables.
 */
final class MicroKernelGenerator {
  private static final String PACKAGE = "org.unroll.rnn.math";
  private static final String CLASS = "VectorMicroKernels";

  private static final int MAX_ROWS = 10;

  /** The most rows of a tile for 16 registers. */
  private static final int FEW_ROWS = 5;

  /** The chains of the loop that measures the peak, {@code Kernels.PEAK_CHAINS}. */
  private static final int CHAINS = 16;

  /** How the tile reads A. */
  private enum Form {
    ROWS,
    COPIED
  }

  private final StringBuilder out = new StringBuilder();

  private MicroKernelGenerator() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      throw new IllegalArgumentException(
          "expected one argument, the output directory, but got " + args.length);
    }
    Path file = Path.of(args[0], PACKAGE.split("\\.")).resolve(CLASS + ".java");
    writeIfChanged(file, new MicroKernelGenerator().source());
  }

  private String source() {
    out.append(
        """
        // SPDX-License-Identifier: Apache-2.0
        package %s;

        import jdk.incubator.vector.FloatVector;
        import jdk.incubator.vector.VectorSpecies;

        /** Register tiles of C = S + A B, written by MicroKernelGenerator. */
        final class %s {
          static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
          static final int LANES = S.length();
          static final int MAX_ROWS = %d;
          static final int FEW_ROWS = %d;

          private %s() {}

        """
            .formatted(PACKAGE, CLASS, MAX_ROWS, FEW_ROWS, CLASS));
    for (Form form : Form.values()) {
      for (int vectors = 1; vectors <= 2; vectors++) {
        dispatch(form, vectors);
        for (int rows = 1; rows <= MAX_ROWS; rows++) {
          tile(form, rows, vectors);
        }
      }
    }
    peak();
    return out.append("}\n").toString();
  }

  private static final String REST =
      "float[] b, int bo, float[] s, int so, int ss, float[] c, int co, int cs";

  private static String parameters(Form form) {
    return "int k, float[] a, int ao, " + (form == Form.ROWS ? "int as, " : "") + REST;
  }

  private static String arguments(Form form) {
    return parameters(form).replaceAll("(int|float\\[\\]) ", "");
  }

  private static String name(Form form, int vectors) {
    return (form == Form.ROWS ? "tile" : "copiedTile") + vectors;
  }

  /** The method that chooses by the number of rows. */
  private void dispatch(Form form, int vectors) {
    String name = name(form, vectors);
    line("  static void %s(int rows, %s) {", name, parameters(form));
    line("    switch (rows) {");
    for (int rows = 1; rows <= MAX_ROWS; rows++) {
      line("      case %d -> %s_%d(%s);", rows, name, rows, arguments(form));
    }
    line(
        "      default -> throw new IllegalArgumentException(\"no tile of \" + rows + \" rows\");");
    line("    }");
    line("  }\n");
  }

  private void tile(Form form, int rows, int vectors) {
    line("  private static void %s_%d(%s) {", name(form, vectors), rows, parameters(form));
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        line(
            "    FloatVector s%d_%d = FloatVector.fromArray(S, s, so + %d * ss%s);",
            i, j, i, shift(j));
      }
    }
    boolean counted = form == Form.ROWS && rows > FEW_ROWS;
    if (counted) {
      line("    for (int p = 0; p < k; p++) {");
    } else {
      line("    int end = bo + k * (%d * LANES);", vectors);
      line("    for (int p = ao, q = bo; q < end; q += %d * LANES) {", vectors);
    }
    String q = counted ? "bo + p * (%d * LANES)".formatted(vectors) : "q";
    for (int j = 0; j < vectors; j++) {
      line("      FloatVector b%d = FloatVector.fromArray(S, b, %s%s);", j, q, shift(j));
    }
    for (int i = 0; i < rows; i++) {
      String at = (counted ? "ao + p + " : "p + ") + i + (form == Form.ROWS ? " * as" : "");
      line("      FloatVector a%d = FloatVector.broadcast(S, a[%s]);", i, at);
      for (int j = 0; j < vectors; j++) {
        line("      s%d_%d = a%d.fma(b%d, s%d_%d);", i, j, i, j, i, j);
      }
    }
    if (!counted) {
      line("      p += %d;", form == Form.ROWS ? 1 : rows);
    }
    line("    }");
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        line("    s%d_%d.intoArray(c, co + %d * cs%s);", i, j, i, shift(j));
      }
    }
    line("  }\n");
  }

  /** The loop of {@code Kernels.peak}, with each chain in a register of its own. */
  private void peak() {
    line("  static float peak(int passes) {");
    for (int i = 0; i < CHAINS; i++) {
      line("    FloatVector s%d = FloatVector.broadcast(S, Peak.start(%d));", i, i);
    }
    line("    for (int p = 0; p < passes; p++) {");
    for (int i = 0; i < CHAINS; i++) {
      line("      s%d = s%d.fma(s%d, s%d);", i, i, i, i);
    }
    line("    }");
    line("    FloatVector low = s0;");
    line("    FloatVector high = s%d;", CHAINS / 2);
    for (int i = 1; i < CHAINS / 2; i++) {
      line("    low = low.add(s%d);", i);
      line("    high = high.add(s%d);", CHAINS / 2 + i);
    }
    line("    return low.add(high).lane(0);");
    line("  }\n");
  }

  private static String shift(int vector) {
    return vector == 0 ? "" : " + LANES";
  }

  private void line(String format, Object... arguments) {
    out.append(format.formatted(arguments)).append('\n');
  }

  /** Leaves an equal file untouched, so that an unchanged build compiles nothing again. */
  private static void writeIfChanged(Path file, String text) throws IOException {
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return;
    }
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
