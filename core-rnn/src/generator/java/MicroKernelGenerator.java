// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;

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
 * objects. With 16 registers R is at most 6: 12 accumulators, two for b and one for a.
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
  private static final int FEW_ROWS = 6;

  /** The chains of the loop that measures the peak, {@code Kernels.PEAK_CHAINS}. */
  private static final int CHAINS = 16;

  /** How the tile reads A. */
  private enum Form {
    ROWS("tile"),
    COPIED("copiedTile"),
    /**
     * Copied, with an index for each half of the rows, which have a check each: compilers behind
     * Java 17's load too many numbers of A of {@value #FEW_ROWS} rows at a time between fewer.
     */
    HALVES("halvedTile");

    final String method;

    Form(String method) {
      this.method = method;
    }

    /** Returns the indices of A that move beside that of B. */
    int indices() {
      return this == HALVES ? 2 : 1;
    }
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

          /** Java 17 needs no second index of a copied A. */
          private static final boolean HALVES = Runtime.version().feature() > 17;

          private %s() {}

        """
            .formatted(PACKAGE, CLASS, MAX_ROWS, FEW_ROWS, CLASS));
    tile(Form.HALVES, FEW_ROWS, 2);
    for (Form form : List.of(Form.ROWS, Form.COPIED)) {
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

  /** The method that chooses by the number of rows. */
  private void dispatch(Form form, int vectors) {
    String name = form.method + vectors;
    line("  static void %s(int rows, %s) {", name, parameters(form));
    line("    switch (rows) {");
    for (int rows = 1; rows <= MAX_ROWS; rows++) {
      boolean halves = form == Form.COPIED && vectors == 2 && rows == FEW_ROWS;
      String other = Form.HALVES.method + vectors;
      String chosen =
          halves ? "if (HALVES) %s_%d(%s); else ".formatted(other, rows, arguments(form)) : "";
      line("      case %d -> { %s%s_%d(%s); }", rows, chosen, name, rows, arguments(form));
    }
    line(
        "      default -> throw new IllegalArgumentException(\"no tile of \" + rows + \" rows\");");
    line("    }");
    line("  }\n");
  }

  private void tile(Form form, int rows, int vectors) {
    line("  private static void %s_%d(%s) {", form.method + vectors, rows, parameters(form));
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        line(
            "    FloatVector s%d_%d = FloatVector.fromArray(S, s, so + %d * ss%s);",
            i, j, i, shift(j));
      }
    }
    if (form == Form.ROWS && rows > FEW_ROWS) {
      line("    for (int p = 0; p < k; p++) {");
      step(
          rows,
          vectors,
          "bo + p * (%d * LANES)".formatted(vectors),
          i -> "ao + %d * as + p".formatted(i));
    } else {
      int half = rows / form.indices();
      line("    int p0 = ao;");
      if (form == Form.HALVES) {
        line("    int p1 = ao + %d;", half);
      }
      line("    int end = bo + k * (%d * LANES);", vectors);
      line("    for (int q = bo; q < end; q += %d * LANES) {", vectors);
      String as = form == Form.ROWS ? " * as" : "";
      step(rows, vectors, "q", i -> "p%d + %d%s".formatted(i / half, i % half, as));
      for (int i = 0; i < form.indices(); i++) {
        line("      p%d += %d;", i, form == Form.ROWS ? 1 : rows);
      }
    }
    line("    }");
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        line("    s%d_%d.intoArray(c, co + %d * cs%s);", i, j, i, shift(j));
      }
    }
    line("  }\n");
  }

  /**
   * One step of a tile's loop.
   *
   * @param b the index of B
   * @param a the index of A of each row
   */
  private void step(int rows, int vectors, String b, IntFunction<String> a) {
    for (int j = 0; j < vectors; j++) {
      line("      FloatVector b%d = FloatVector.fromArray(S, b, %s%s);", j, b, shift(j));
    }
    for (int i = 0; i < rows; i++) {
      line("      FloatVector a%d = FloatVector.broadcast(S, a[%s]);", i, a.apply(i));
      for (int j = 0; j < vectors; j++) {
        line("      s%d_%d = a%d.fma(b%d, s%d_%d);", i, j, i, j, i, j);
      }
    }
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
