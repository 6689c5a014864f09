// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes the register-blocked kernels whose shapes are too many to type by hand. Run by the build
 * as a single source file; its argument is the root of the generated sources.
 */
final class MicroKernelGenerator {
  private static final String PACKAGE = "org.unroll.rnn.math";
  private static final String CLASS = "VectorMicroKernels";

  private MicroKernelGenerator() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      throw new IllegalArgumentException(
          "expected one argument, the output directory, but got " + args.length);
    }
    Path file = Path.of(args[0], PACKAGE.split("\\.")).resolve(CLASS + ".java");
    writeIfChanged(file, source());
  }

  private static String source() {
    return """
        // SPDX-License-Identifier: Apache-2.0
        package %s;

        /** Register-blocked micro-kernels, written by MicroKernelGenerator. */
        final class %s {
          private %s() {}
        }
        """
        .formatted(PACKAGE, CLASS, CLASS);
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
