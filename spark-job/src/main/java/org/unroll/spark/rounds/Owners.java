// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The executors that share the sums of a round, as one of those that take part is told.
 *
 * @param all who takes part, in the order of their spans, of which the last may be empty: there may
 *     be more executors than spans; nobody where the driver adds
 * @param self which of them it is that is told
 * @param pass whether owners pass new parameters on, for which the others wait
 */
record Owners(List<Owner> all, int self, boolean pass) {
  /** The driver owns everything. */
  static final Owners NONE = new Owners(List.of(), 0, false);

  /**
   * An executor with the positions that it adds.
   *
   * @param address where it listens for the others
   */
  record Owner(Transport.Address address, Span span) {}

  /** Returns whether executors share the sums. */
  boolean share() {
    return !all.isEmpty();
  }

  /** Returns the span of the one that is told. */
  Span span() {
    return all.get(self).span();
  }

  /** Returns how many own something. */
  private int owners() {
    return (int) all.stream().filter(owner -> owner.span().size() > 0).count();
  }

  /** Returns how many others pass parameters on to the one that is told. */
  int passing() {
    return pass ? owners() - (span().size() == 0 ? 0 : 1) : 0;
  }

  int bytes() {
    return 12 + all.stream().mapToInt(owner -> 8 + owner.address().bytes()).sum();
  }

  ByteBuffer write(ByteBuffer out) {
    out.putInt(self).putInt(pass ? 1 : 0).putInt(all.size());
    for (Owner owner : all) {
      owner.span().write(owner.address().write(out));
    }
    return out;
  }

  static Owners read(ByteBuffer in) {
    int self = in.getInt();
    boolean pass = in.getInt() != 0;
    List<Owner> all = new ArrayList<>();
    for (int n = Messages.count(in, 16, "owners"); n > 0; n--) {
      all.add(new Owner(Transport.Address.read(in), Span.read(in)));
    }
    return new Owners(List.copyOf(all), self, pass);
  }
}
