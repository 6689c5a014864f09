// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.nn.CellTrace;
import org.unroll.rnn.nn.CellType;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Page;
import org.unroll.spark.report.Shade;
import org.unroll.spark.report.UnitsPage;
import org.unroll.spark.task.TaskModel;

/**
 * A reading is what the units of a model's encoder did over one text: the activations of gates and
 * states, how often each unit keeps, writes, forgets or is silent, and which units follow something
 * that a reader sees.
 */
public final class UnitReading {
  /** Gates beyond these are as good as open and shut, as in Karpathy et al. 2015. */
  private static final double OPEN = 0.9;

  private static final double SHUT = 0.1;

  /** The share of the steps in which a unit does what it is in the habit of. */
  private static final double OFTEN = 0.5;

  /** The followers that are shown, and the least that they have to do with what they follow. */
  private static final int FOLLOWERS = 6;

  private static final double LEAST_CORRELATION = 0.3;

  private final String model;
  private final List<String> tokens;
  private final int shown;
  private final List<CellTrace> traces;

  private UnitReading(String model, List<String> tokens, int shown, List<CellTrace> traces) {
    this.model = model;
    this.tokens = tokens;
    this.shown = Math.min(shown, tokens.size());
    this.traces = traces;
  }

  /**
   * Reads a text with a model.
   *
   * @param name of the model, for people
   * @param shown the most tokens that pictures show; all are read
   * @throws InputException if the model does not read texts, or nothing of this one
   */
  public static UnitReading of(String name, TaskModel model, String text, int shown) {
    TaskModel.Typed typed = model.typed(text);
    if (typed.tokens().isEmpty()) {
      throw new InputException(
          "The model %s reads nothing of this text: it has characters that the model has never seen."
              .formatted(name));
    }
    Network network = model.saved().network();
    Pass pass = new Pass(network);
    pass.load(model.saved().params());
    Batch batch = new Batch(network.spec().batchShape());
    batch.fill(List.of(typed.example()));
    float[] state = network.spec().encoder() == null ? null : new float[network.stateSize(1)];
    if (state != null) {
      pass.initialState(state, 1);
    }
    pass.read(batch, state);
    List<CellTrace> traces = pass.traces(0);
    if (traces.isEmpty()) {
      throw new InputException(
          "The model %s has no recurrent layer that reads: there are no gates to look at."
              .formatted(name));
    }
    return new UnitReading(name, typed.tokens(), shown, traces);
  }

  /** Returns the page. */
  public Page page() {
    return UnitsPage.of(
        new UnitsPage.Content(
            model,
            "%s read by %s."
                .formatted(
                    Figures.count(tokens.size(), "token"),
                    Figures.count(traces.stream().mapToInt(CellTrace::units).sum(), "unit")),
            tokens.subList(0, shown),
            traces.stream().map(this::layer).toList(),
            followers().stream().limit(FOLLOWERS).toList()));
  }

  /** Returns the figures, for JSON. */
  public Map<String, Object> figures() {
    List<Object> layers = new ArrayList<>();
    for (CellTrace trace : traces) {
      List<Object> habits = new ArrayList<>();
      for (UnitsPage.Habit habit : habits(trace)) {
        habits.add(
            Json.fields("name", habit.name(), "units", habit.units(), "share", habit.share()));
      }
      layers.add(Json.fields("layer", name(trace), "units", trace.units(), "habits", habits));
    }
    List<Object> follow = new ArrayList<>();
    for (UnitsPage.Follower f : followers()) {
      follow.add(
          Json.fields(
              "what", f.what(),
              "layer", f.layer(),
              "unit", f.unit(),
              "correlation", f.correlation()));
    }
    return Json.fields("tokens", tokens.size(), "layers", layers, "followers", follow);
  }

  private static String name(CellTrace trace) {
    return "layer " + (trace.layer() + 1) + (trace.backward() ? ", from the end" : "");
  }

  /** Returns the values that carry what a unit remembers. */
  private static String memory(CellTrace trace) {
    return trace.values().containsKey(CellTrace.CELL) ? CellTrace.CELL : CellTrace.STATE;
  }

  private UnitsPage.Layer layer(CellTrace trace) {
    int[] order = order(trace);
    List<UnitsPage.Heat> heats = new ArrayList<>();
    trace
        .values()
        .forEach(
            (name, values) -> {
              float[] drawn = ordered(values, order, shown);
              boolean gate = isGate(trace.cell(), name);
              heats.add(
                  new UnitsPage.Heat(
                      gate ? name + " gate" : name,
                      drawn,
                      trace.units(),
                      gate ? 1 : Shade.limit(drawn)));
            });
    return new UnitsPage.Layer(
        "%s: %s %s units".formatted(name(trace), trace.units(), trace.cell().name()),
        heats,
        habits(trace));
  }

  private static boolean isGate(CellType cell, String name) {
    return cell.gateNames().contains(name) && !name.equals("candidate");
  }

  /** Returns the units, those first that keep most of what they have. */
  private static int[] order(CellTrace trace) {
    String by =
        switch (trace.cell()) {
          case LSTM -> "forget";
          case GRU -> "update";
          case RNN_TANH, RNN_RELU -> CellTrace.STATE;
        };
    double[] means = new double[trace.units()];
    float[] values = trace.values().get(by);
    for (int i = 0; i < values.length; i++) {
      means[i % means.length] += values[i];
    }
    return IntStream.range(0, means.length)
        .boxed()
        .sorted(Comparator.comparingDouble(unit -> -means[unit]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static float[] ordered(float[] values, int[] order, int steps) {
    float[] drawn = new float[steps * order.length];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = values[i / order.length * order.length + order[i % order.length]];
    }
    return drawn;
  }

  private static List<UnitsPage.Habit> habits(CellTrace trace) {
    return switch (trace.cell()) {
      case LSTM ->
          List.of(
              habit(trace, "keep", "forget", v -> v > OPEN, "forget gate above 0.9"),
              habit(trace, "reset", "forget", v -> v < SHUT, "forget gate below 0.1"),
              habit(trace, "write", "input", v -> v > OPEN, "input gate above 0.9"),
              habit(trace, "closed", "input", v -> v < SHUT, "input gate below 0.1"),
              habit(trace, "on", "output", v -> v > OPEN, "output gate above 0.9"),
              habit(trace, "off", "output", v -> v < SHUT, "output gate below 0.1"));
      case GRU ->
          List.of(
              habit(trace, "keep", "update", v -> v > OPEN, "update gate above 0.9"),
              habit(trace, "write", "update", v -> v < SHUT, "update gate below 0.1"),
              habit(trace, "reset", "reset", v -> v < SHUT, "reset gate below 0.1"),
              habit(trace, "read", "reset", v -> v > OPEN, "reset gate above 0.9"));
      case RNN_TANH ->
          List.of(
              habit(trace, "on", CellTrace.STATE, v -> v > OPEN, "state above 0.9"),
              habit(trace, "off", CellTrace.STATE, v -> v < -OPEN, "state below -0.9"));
      case RNN_RELU -> List.of(habit(trace, "off", CellTrace.STATE, v -> v == 0, "state zero"));
    };
  }

  private static UnitsPage.Habit habit(
      CellTrace trace, String name, String of, DoublePredicate does, String when) {
    int[] times = new int[trace.units()];
    float[] values = trace.values().get(of);
    for (int i = 0; i < values.length; i++) {
      times[i % times.length] += does.test(values[i]) ? 1 : 0;
    }
    int often = (int) Arrays.stream(times).filter(n -> n >= OFTEN * trace.steps()).count();
    double share = (double) Arrays.stream(times).sum() / values.length;
    return new UnitsPage.Habit(name, when, often, share);
  }

  /** Returns for everything that a reader sees the unit that follows it best, the best first. */
  private List<UnitsPage.Follower> followers() {
    List<UnitsPage.Follower> found = new ArrayList<>();
    TextMarks.of(tokens)
        .forEach(
            (what, mark) ->
                traces.stream()
                    .flatMap(trace -> correlated(what, mark, trace).stream())
                    .max(Comparator.comparingDouble(f -> Math.abs(f.correlation())))
                    .filter(f -> Math.abs(f.correlation()) >= LEAST_CORRELATION)
                    .ifPresent(found::add));
    found.sort(Comparator.comparingDouble(f -> -Math.abs(f.correlation())));
    return found;
  }

  private static List<UnitsPage.Follower> correlated(String what, double[] mark, CellTrace trace) {
    PearsonsCorrelation correlation = new PearsonsCorrelation();
    List<UnitsPage.Follower> all = new ArrayList<>();
    for (int unit = 0; unit < trace.units(); unit++) {
      float[] values = new float[trace.steps()];
      double[] own = new double[trace.steps()];
      for (int t = 0; t < values.length; t++) {
        values[t] = trace.value(memory(trace), t, unit);
        own[t] = values[t];
      }
      double r = correlation.correlation(own, mark);
      if (Double.isFinite(r)) { // a unit that never changes follows nothing
        all.add(new UnitsPage.Follower(what, name(trace), unit, r, values));
      }
    }
    return all;
  }
}
