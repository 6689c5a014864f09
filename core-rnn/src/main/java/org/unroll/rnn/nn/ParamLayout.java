// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A layout has the names and shapes of a model's parameters inside one {@code float[]}. Gradients
 * and optimiser moments are vectors of the same layout, so that sums, clipping, updates and
 * checkpoints are single loops.
 */
public final class ParamLayout {
  private final Map<String, Param> byName;
  private final int size;

  private ParamLayout(Map<String, Param> byName, int size) {
    this.byName = byName;
    this.size = size;
  }

  /** Returns the parameters in the order of their offsets. */
  public List<Param> params() {
    return List.copyOf(byName.values());
  }

  /** Returns the number of floats of the whole vector. */
  public int size() {
    return size;
  }

  /** Returns whether a parameter of this name exists. */
  public boolean contains(String name) {
    return byName.containsKey(name);
  }

  /**
   * Returns the parameter of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Param get(String name) {
    Param param = byName.get(name);
    if (param == null) {
      throw new IllegalArgumentException("no parameter " + name + "; there are " + byName.keySet());
    }
    return param;
  }

  /** Lays parameters one behind the other. */
  public static final class Builder {
    private final Map<String, Param> byName = new LinkedHashMap<>();
    private int size;

    /** Appends a parameter that is trained. */
    public Builder add(String name, Param.Role role, Integer... shape) {
      return add(name, role, true, shape);
    }

    /** Appends a parameter; names must be unique and the total must fit one array. */
    public Builder add(String name, Param.Role role, boolean trainable, Integer... shape) {
      Param param = new Param(name, role, List.of(shape), size, trainable);
      if (byName.putIfAbsent(name, param) != null) {
        throw new IllegalArgumentException("parameter " + name + " is laid out twice");
      }
      try {
        size = Math.addExact(size, param.size());
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "the model has more than 2^31 parameters at " + name + " " + param.shape(), e);
      }
      return this;
    }

    public ParamLayout build() {
      return new ParamLayout(new LinkedHashMap<>(byName), size);
    }
  }
}
