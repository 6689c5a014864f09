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
 * With 32 vector registers R is at most 14: 28 accumulators, two for b, one for a; with 16
 * registers at most 6.
 */
final class MicroKernelGenerator {
  private static final String PACKAGE = "org.unroll.rnn.math";
  private static final String CLASS = "VectorMicroKernels";
  private static final int MAX_ROWS = 14;

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

          private %s() {}

        """
            .formatted(PACKAGE, CLASS, MAX_ROWS, CLASS));
    for (int vectors = 1; vectors <= 2; vectors++) {
      dispatch(vectors);
      for (int rows = 1; rows <= MAX_ROWS; rows++) {
        tile(rows, vectors);
      }
    }
    return out.append("}\n").toString();
  }

  private static final String PARAMETERS =
      "int k, float[] a, int ao, int ar, int ac, float[] b, int bo, int bs, float[] s, int so, int"
          + " ss, float[] c, int co, int cs";
  private static final String ARGUMENTS = "k, a, ao, ar, ac, b, bo, bs, s, so, ss, c, co, cs";

  private void dispatch(int vectors) {
    out.append("  static void tile")
        .append(vectors)
        .append("(int rows, ")
        .append(PARAMETERS)
        .append(") {\n");
    out.append("    switch (rows) {\n");
    for (int rows = 1; rows <= MAX_ROWS; rows++) {
      line("      case %d -> tile%dx%d(%s);", rows, rows, vectors, ARGUMENTS);
    }
    line(
        "      default -> throw new IllegalArgumentException(\"no tile of \" + rows + \" rows\");");
    out.append("    }\n  }\n\n");
  }

  private void tile(int rows, int vectors) {
    line("  private static void tile%dx%d(%s) {", rows, vectors, PARAMETERS);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        line(
            "    FloatVector s%d_%d = FloatVector.fromArray(S, s, so + %d * ss%s);",
            i, j, i, shift(j));
      }
    }
    line("    for (int p = 0; p < k; p++) {");
    for (int j = 0; j < vectors; j++) {
      line("      FloatVector b%d = FloatVector.fromArray(S, b, bo%s);", j, shift(j));
    }
    for (int i = 0; i < rows; i++) {
      line("      FloatVector a%d = FloatVector.broadcast(S, a[ao + %d * ar]);", i, i);
      for (int j = 0; j < vectors; j++) {
        line("      s%d_%d = a%d.fma(b%d, s%d_%d);", i, j, i, j, i, j);
      }
    }
    line("      ao += ac;");
    line("      bo += bs;");
    line("    }");
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        line("    s%d_%d.intoArray(c, co + %d * cs%s);", i, j, i, shift(j));
      }
    }
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
