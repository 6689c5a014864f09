// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.io.Serializable;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** The params that an estimator or a model has. */
final class Declared implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Pattern OPTION = Pattern.compile("--[a-z-]+");

  private final Map<Declaration, Param<?>> params = new EnumMap<>(Declaration.class);

  /**
   * Makes the params of an owner, and sets their usual values.
   *
   * @param owner whose uid is set already
   */
  Declared(Params owner, Set<Declaration> all) {
    for (Declaration declaration : all) {
      Param<?> param = declaration.of(owner);
      params.put(declaration, param);
      if (declaration.usual() != null) {
        setUsual(owner, param, declaration.usual());
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> void setUsual(Params owner, Param<T> param, Object usual) {
    owner.setDefault(param, (T) usual);
  }

  /** Returns a param of an owner. */
  @SuppressWarnings("unchecked")
  static <P extends Param<?>> P param(Params owner, String name) {
    return (P) (Param<?>) owner.getParam(name);
  }

  /** Returns the value of a param of an owner, or its usual one. */
  static <T> T value(Params owner, String name) {
    return owner.getOrDefault(Declared.<Param<T>>param(owner, name));
  }

  /** Returns the value of a param of an owner, or its usual one; null if there is none. */
  static <T> T valueOrNull(Params owner, String name) {
    return owner.hasParam(name) && owner.isDefined(param(owner, name)) ? value(owner, name) : null;
  }

  /** Sets a param of an owner, and returns the owner. */
  @SuppressWarnings("unchecked")
  static <S, T> S with(Params owner, String name, T value) {
    owner.set(Declared.<Param<T>>param(owner, name), value);
    return (S) owner;
  }

  /** Returns all params in the order of their names. */
  Param<?>[] all() {
    return params.values().stream()
        .sorted(Comparator.comparing(Param::name))
        .toArray(Param<?>[]::new);
  }

  /** Returns the options that say what somebody has set, as they are typed. */
  List<String> options(Params owner) {
    return params.entrySet().stream()
        .filter(e -> e.getKey().option() != null && owner.isSet(e.getValue()))
        .flatMap(e -> option(e.getKey(), owner.getOrDefault(e.getValue())))
        .toList();
  }

  private static Stream<String> option(Declaration declaration, Object value) {
    if (declaration.isFlag()) {
      return Boolean.TRUE.equals(value) ? Stream.of(declaration.option()) : Stream.empty();
    }
    return Stream.of(declaration.option(), value.toString());
  }

  /** Returns a message about options in which those that are params are called so. */
  String inWords(String message) {
    return OPTION
        .matcher(message.replace("--on-bad-row skip", "handleInvalid skip"))
        .replaceAll(found -> Matcher.quoteReplacement(word(found.group())));
  }

  private String word(String option) {
    return switch (option) {
      case "--text", "--features" -> Declaration.INPUT_COL.param();
      case "--label" -> Declaration.LABEL_COL.param();
      default ->
          params.keySet().stream()
              .filter(declaration -> option.equals(declaration.option()))
              .findFirst()
              .map(Declaration::param)
              .orElse(option);
    };
  }
}
