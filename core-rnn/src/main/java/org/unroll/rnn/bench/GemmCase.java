// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.rnn.io.InputException;

/**
 * A matrix product that is measured.
 *
 * @param m rows of the result C
 * @param n columns of C
 * @param k products that are summed for each element of C
 * @param form how the factors lie and what becomes of C
 */
public record GemmCase(int m, int n, int k, Form form) {

  /** The forms in which training needs products. */
  public enum Form {
    /** {@code C = A B}, B packed once and kept: inputs times weights. */
    FORWARD,
    /** {@code C += A B}, B packed once and kept: a step's recurrent product. */
    ACCUMULATE,
    /** {@code C += A^T B} with A {@code [k, m]}, B packed anew each time. */
    WEIGHT_GRADIENT;

    /** Such as {@code weight-gradient}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Form parse(String text) {
      return Arrays.stream(values())
          .filter(form -> form.text().equals(text))
          .findFirst()
          .orElseThrow(() -> new InputException("There is no form '" + text + "' of a product."));
    }
  }

  private static final Pattern SHAPE =
      Pattern.compile("([1-9]\\d{0,8})x([1-9]\\d{0,8})x([1-9]\\d{0,8})");

  /**
   * All forms of a shape.
   *
   * @param shape MxNxK, such as {@code 256x2048x512}
   * @throws InputException if it is none
   */
  public static List<GemmCase> parse(String shape) {
    Matcher matcher = SHAPE.matcher(shape);
    if (!matcher.matches()) {
      throw new InputException(
          "'"
              + shape
              + "' is no shape: write MxNxK for the product of an MxK and a KxN matrix, as in"
              + " 256x2048x512.");
    }
    int m = Integer.parseInt(matcher.group(1));
    int n = Integer.parseInt(matcher.group(2));
    int k = Integer.parseInt(matcher.group(3));
    return Arrays.stream(Form.values()).map(form -> new GemmCase(m, n, k, form)).toList();
  }

  /** Such as {@code 256x2048x512 forward}. */
  public String name() {
    return "%dx%dx%d %s".formatted(m, n, k, form.text());
  }

  /** Floating-point operations of one product. */
  public double flops() {
    return 2.0 * m * n * k;
  }

  /** What a contender is asked to prepare; see {@link BenchWorker}. */
  public String workload() {
    return "gemm %d %d %d %s".formatted(m, n, k, form.text());
  }
}
