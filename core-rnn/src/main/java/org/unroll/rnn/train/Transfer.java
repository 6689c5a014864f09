// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;

/**
 * Starts a network from the parts of another one that fit it, whatever either does: vectors of
 * tokens by token, recurrent layers that are alike, and a head of the same kind by label. All else
 * is drawn. A layer is taken whole or not at all, but for the first one's weights of inputs that
 * the other does not read, which are drawn.
 *
 * @param before the network whose parameters there are
 * @param named what its rows stand for
 * @param after the network that is to begin
 * @param wanted what the rows of that stand for
 */
public record Transfer(Network before, Names named, Network after, Names wanted) {
  private static final String FIRST_LAYER = "rnn.weight_ih_l0";
  private static final String CRF = "crf.";

  /**
   * The names of what a network tells apart, each in the order of its ids.
   *
   * @param columns the tokens of each column
   * @param characters of words, or null
   * @param target the tokens that are written, or null
   * @param labels that are told, or null where none are
   */
  public record Names(
      List<List<String>> columns,
      List<String> characters,
      List<String> target,
      List<String> labels) {}

  /**
   * What a network begins with.
   *
   * @param params in its layout
   * @param taken the parts that come from the other, with the rows that do: all of them, or as many
   *     as have the same name there
   * @param drawn the parts that do not
   */
  public record Beginning(float[] params, Map<String, Rows> taken, List<String> drawn) {}

  /** How many rows of a part were taken, of how many. */
  public record Rows(int taken, int all) {
    /** Returns whether nothing was drawn. */
    public boolean areAll() {
      return taken == all;
    }
  }

  /**
   * Describes why nothing of the other's encoder can be read here, with both sides and the option
   * that decides, in a phrase.
   *
   * @return null if nothing speaks against it
   */
  public String differenceOrNull() {
    NetworkSpec there = before.spec();
    NetworkSpec here = after.spec();
    RnnSpec from = there.encoder();
    RnnSpec to = here.encoder();
    if (from == null || to == null) {
      return null;
    }
    if (from.cell() != to.cell()) {
      return "its cells are %s and here %s (--cell)".formatted(from.cell(), to.cell());
    }
    if (from.hiddenSize(0) != to.hiddenSize(0)) {
      return "its first layer has %s units and here %s (--hidden)"
          .formatted(from.hiddenSize(0), to.hiddenSize(0));
    }
    if (from.bias() != to.bias()) {
      return "its layers have %s biases and here %s (--no-bias)"
          .formatted(from.bias() ? "" : "no", to.bias() ? "some" : "none")
          .replace("  ", " ");
    }
    List<InputSpec.TokenColumn> columns = there.inputs().columns();
    List<InputSpec.TokenColumn> own = here.inputs().columns();
    if (columns.isEmpty() != own.isEmpty()) {
      return columns.isEmpty()
          ? "it reads no tokens and this training does"
          : "it reads tokens and this training none";
    }
    if (!columns.isEmpty() && columns.get(0).embedding() != own.get(0).embedding()) {
      return "its vectors of tokens have %s numbers and here %s (--embedding)"
          .formatted(columns.get(0).embedding(), own.get(0).embedding());
    }
    if (!columns.isEmpty() && Arrays.stream(shared(0)).noneMatch(row -> row >= 0)) {
      return "it knows none of the tokens of this training (--unit, --lowercase)";
    }
    return null;
  }

  /** Returns for each token of a column its row there, or -1; symbols such as unk are no tokens. */
  private int[] shared(int column) {
    List<String> own = wanted.columns().get(column);
    int[] rows = rows(named.columns().get(column), own);
    for (int i = 0; i < rows.length; i++) {
      String token = own.get(i);
      rows[i] = token.startsWith("<") && token.endsWith(">") ? -1 : rows[i];
    }
    return rows;
  }

  /**
   * Returns what the network begins with.
   *
   * @param params of the other network
   * @param init how what is not there is drawn, with the seed
   */
  public Beginning begin(float[] params, InitSpec init, long seed) {
    float[] drawn = Initializer.draw(after, init, seed);
    Map<String, Rows> taken = new LinkedHashMap<>();
    List<String> left = new ArrayList<>();
    Map<String, List<Param>> parts = new LinkedHashMap<>();
    for (Param param : after.layout().params()) {
      parts.computeIfAbsent(part(param.name()), part -> new ArrayList<>()).add(param);
    }
    parts.forEach(
        (part, own) -> {
          Optional<Rows> rows =
              isBehindDrawn(part, left) ? Optional.empty() : take(own, params, drawn);
          rows.ifPresentOrElse(found -> taken.put(part, found), () -> left.add(part));
        });
    return new Beginning(drawn, taken, List.copyOf(left));
  }

  /** Returns the name of a layer in one direction, or of a matrix with its bias. */
  private static String part(String param) {
    return param.replaceFirst("\\.(weight|bias)_[ih]h", "").replaceFirst("\\.(weight|bias)$", "");
  }

  /** A layer above one that was drawn would read what it has never seen. */
  private static boolean isBehindDrawn(String part, List<String> drawn) {
    String layer = part.replaceFirst("^rnn\\.norm_l", "rnn_l").replaceFirst("_reverse$", "");
    return layer.matches("rnn_l\\d+")
        && drawn.stream()
            .filter(other -> other.matches("rnn_l\\d+"))
            .anyMatch(other -> layerOf(other) <= layerOf(layer));
  }

  private static int layerOf(String part) {
    return Integer.parseInt(part.substring("rnn_l".length()));
  }

  /** Copies a part if the other network has the same; returns how much of it. */
  private Optional<Rows> take(List<Param> part, float[] params, float[] into) {
    int[] rows = rows(part.get(0));
    boolean fits =
        part.stream().allMatch(to -> before.layout().contains(to.name()) && fits(to, rows));
    if (!fits || rows != null && Arrays.stream(rows).noneMatch(row -> row >= 0)) {
      return Optional.empty();
    }
    for (Param to : part) {
      Param from = before.layout().get(to.name());
      if (to.name().startsWith(FIRST_LAYER)) {
        copyInputs(from, to, params, into);
      } else if (rows != null) {
        copyRows(from, to, rows, params, into);
      } else {
        System.arraycopy(params, from.offset(), into, to.offset(), to.size());
      }
    }
    int all = rows == null ? part.get(0).shape().get(0) : rows.length;
    int found = rows == null ? all : (int) Arrays.stream(rows).filter(row -> row >= 0).count();
    return Optional.of(new Rows(found, all));
  }

  private boolean fits(Param to, int[] rows) {
    Param from = before.layout().get(to.name());
    if (to.name().startsWith(FIRST_LAYER)) {
      return from.shape().get(0).equals(to.shape().get(0)) && !blocks().isEmpty();
    }
    // Of transitions, columns have the names of the rows.
    return rows == null
        ? from.shape().equals(to.shape())
        : to.name().startsWith(CRF) || columns(from) == columns(to);
  }

  private static int columns(Param param) {
    return param.size() / param.shape().get(0);
  }

  /** Returns for each row of a parameter the one there, or -1; null where rows have no names. */
  private int[] rows(Param param) {
    String name = param.name();
    for (int c = 0; c < wanted.columns().size(); c++) {
      if (name.equals(Network.embedding(c))) {
        return c < named.columns().size()
            ? rows(named.columns().get(c), wanted.columns().get(c))
            : none(wanted.columns().get(c));
      }
    }
    if (name.equals("words.embedding.weight")) {
      return rows(named.characters(), wanted.characters());
    }
    if (name.equals(Network.TARGET_EMBEDDING)) {
      return rows(named.target(), wanted.target());
    }
    boolean ofHead = name.startsWith("decoder.") || name.startsWith(CRF);
    return ofHead ? rowsOfHead() : null;
  }

  /** Returns the rows of a head; null where there is nothing to be told by name. */
  private int[] rowsOfHead() {
    HeadSpec there = before.spec().head();
    HeadSpec here = after.spec().head();
    if (!there.getClass().equals(here.getClass())) {
      return none(here.scores());
    }
    if (here instanceof HeadSpec.Regression) {
      return null;
    }
    List<String> from = told(before, named);
    List<String> to = told(after, wanted);
    if (here instanceof HeadSpec.Vocabulary words && !words.cutoffs().isEmpty()) {
      return from.equals(to) ? null : none(to);
    }
    return rows(from, to);
  }

  private static List<String> told(Network network, Names names) {
    HeadSpec head = network.spec().head();
    if (head instanceof HeadSpec.Vocabulary) {
      return network.spec().decoder() == null ? names.columns().get(0) : names.target();
    }
    List<String> labels = names.labels() == null ? List.of() : names.labels();
    // The blank of an alignment comes first.
    return head instanceof HeadSpec.Alignment
        ? Stream.concat(Stream.of(""), labels.stream()).toList()
        : labels;
  }

  private static int[] rows(List<String> there, List<String> here) {
    if (there == null) {
      return none(here);
    }
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < there.size(); id++) {
      ids.put(there.get(id), id);
    }
    return here.stream().mapToInt(name -> ids.getOrDefault(name, -1)).toArray();
  }

  private static int[] none(List<String> names) {
    return none(names.size());
  }

  private static int[] none(int count) {
    int[] rows = new int[count];
    Arrays.fill(rows, -1);
    return rows;
  }

  private static void copyRows(Param from, Param to, int[] rows, float[] params, float[] into) {
    boolean square = to.name().equals("crf.transitions");
    int there = columns(from);
    int here = columns(to);
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0) {
        continue;
      }
      int source = from.offset() + rows[i] * there;
      int target = to.offset() + i * here;
      if (!square) {
        System.arraycopy(params, source, into, target, here);
        continue;
      }
      for (int j = 0; j < rows.length; j++) {
        if (rows[j] >= 0) {
          into[target + j] = params[source + rows[j]];
        }
      }
    }
  }

  /** Some neighbouring inputs of a step that both networks read. */
  private record Block(int from, int to, int width) {}

  /** Returns the inputs that both read: tokens of the same column, numbers, words. */
  private List<Block> blocks() {
    Map<String, int[]> there = inputs(before.spec().inputs());
    List<Block> blocks = new ArrayList<>();
    inputs(after.spec().inputs())
        .forEach(
            (name, here) -> {
              int[] other = there.get(name);
              if (other != null && other[1] == here[1]) {
                blocks.add(new Block(other[0], here[0], here[1]));
              }
            });
    return blocks;
  }

  /** Returns where each input of a step begins, and its width. */
  private static Map<String, int[]> inputs(InputSpec spec) {
    Map<String, int[]> inputs = new LinkedHashMap<>();
    int at = 0;
    for (int c = 0; c < spec.columns().size(); c++) {
      int width = spec.columns().get(c).embedding();
      inputs.put(Network.embedding(c), new int[] {at, width});
      at += width;
    }
    if (spec.features() > 0) {
      inputs.put("features", new int[] {at, spec.features()});
    }
    at += spec.features();
    if (spec.words() != null) {
      inputs.put("words", new int[] {at, spec.width() - at});
    }
    return inputs;
  }

  private void copyInputs(Param from, Param to, float[] params, float[] into) {
    int there = columns(from);
    int here = columns(to);
    for (Block block : blocks()) {
      for (int i = 0; i < to.shape().get(0); i++) {
        System.arraycopy(
            params,
            from.offset() + i * there + block.from(),
            into,
            to.offset() + i * here + block.to(),
            block.width());
      }
    }
  }
}
