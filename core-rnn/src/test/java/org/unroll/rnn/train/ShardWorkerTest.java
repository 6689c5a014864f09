// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.ModelRunner;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.TrainSpec.StateMode;

class ShardWorkerTest {

  private static SequenceModel model(double dropout, boolean learnedState) {
    return new SequenceModel(
        new ModelSpec(7, 6, CellType.LSTM, 2, 8, true, dropout, false, learnedState));
  }

  private static WeightedSum gradient(ShardWorker worker, Shard shard, Window window, int size) {
    WeightedSum sum = new WeightedSum(size);
    worker.gradient(shard, window, sum);
    return sum;
  }

  @Test
  void a_state_is_carried_through_all_windows_and_fresh_in_every_epoch() {
    SequenceModel model = model(0, false);
    TrainSpec spec = Specs.train().window(5).build();
    int[] train = Texts.language(81, 1);
    StreamPlan plan = spec.plan(Split.TRAIN, train.length);
    float[] params = Initializer.draw(model, spec.init(), 1);
    Shard shard = new Shard(0, Shard.cut(plan, 0, train), null, null);
    ShardWorker worker = new ShardWorker(model, spec, plan.maxRows(), 1);
    worker.setParams(params);

    ModelRunner runner = new ModelRunner(model, spec.window(), plan.maxRows());
    runner.setParams(params);
    Batch batch = new Batch();
    assertThat(plan.windows()).isEqualTo(4);
    for (int epoch = 0; epoch < 2; epoch++) {
      float[] state = new float[model.stateSize(plan.maxRows())];
      for (int i = 0; i < plan.windows(); i++) {
        Gradient expected = new Gradient(params.length);
        shard.windows(Split.TRAIN).fill(i, batch);
        Loss loss = runner.train(batch, state, i == 0, 0, expected);
        WeightedSum sum = gradient(worker, shard, new Window(epoch, i, i), params.length);
        assertThat(sum.loss()).isEqualTo(loss);
        assertThat(sum.gradient()).isEqualTo(expected.dense());
        assertThat(shard.state()).isEqualTo(state);
      }
    }
  }

  @Test
  void dropout_and_random_states_differ_by_step_shard_and_seed_and_by_nothing_else() {
    for (boolean dropout : new boolean[] {true, false}) {
      SequenceModel model = model(dropout ? 0.5 : 0, false);
      Specs specs = Specs.train().state(dropout ? StateMode.ZERO : StateMode.RANDOM);
      TrainSpec spec = specs.build();
      int[] train = Texts.language(81, 2);
      StreamPlan plan = spec.plan(Split.TRAIN, train.length);
      float[] params = Initializer.draw(model, spec.init(), 1);
      ShardWorker worker = new ShardWorker(model, spec, plan.maxRows(), 1);
      ShardWorker seeded = new ShardWorker(model, specs.seed(2).build(), plan.maxRows(), 1);
      worker.setParams(params);
      seeded.setParams(params);
      Shard shard = new Shard(0, Shard.cut(plan, 0, train), null, null);
      Shard twin = new Shard(1, Shard.cut(plan, 0, train), null, null);
      int size = params.length;

      float[] first = gradient(worker, shard, new Window(0, 0, 0), size).gradient();
      assertThat(gradient(worker, shard, new Window(3, 0, 0), size).gradient()).isEqualTo(first);
      assertThat(gradient(worker, shard, new Window(0, 0, 1), size).gradient()).isNotEqualTo(first);
      assertThat(gradient(worker, twin, new Window(0, 0, 0), size).gradient()).isNotEqualTo(first);
      assertThat(gradient(seeded, shard, new Window(0, 0, 0), size).gradient()).isNotEqualTo(first);
    }
  }

  @Test
  void sums_are_added_to_what_is_there() {
    SequenceModel model = model(0, false);
    TrainSpec spec = Specs.train().state(StateMode.ZERO).build();
    int[] train = Texts.language(81, 3);
    StreamPlan plan = spec.plan(Split.TRAIN, train.length);
    ShardWorker worker = new ShardWorker(model, spec, plan.maxRows(), 1);
    float[] params = Initializer.draw(model, spec.init(), 1);
    worker.setParams(params);
    Shard shard = new Shard(0, Shard.cut(plan, 0, train), null, null);
    WeightedSum sum = gradient(worker, shard, new Window(0, 0, 0), params.length);
    Loss once = sum.loss();
    worker.gradient(shard, new Window(0, 0, 0), sum);
    assertThat(sum.loss()).isEqualTo(once.plus(once));
  }

  @Test
  void evaluation_begins_with_a_learned_state() {
    SequenceModel model = model(0, true);
    TrainSpec spec = Specs.train().state(StateMode.LEARNED).evalBatch(3).build();
    int[] valid = Texts.language(40, 4);
    StreamPlan plan = spec.plan(Split.VALID, valid.length);
    Shard shard = new Shard(0, null, Shard.cut(plan, 0, valid), null);
    float[] params = Initializer.draw(model, spec.init(), 1);
    ShardWorker worker = new ShardWorker(model, spec, plan.maxRows(), 1);
    worker.setParams(params);
    Loss fromZero = worker.evaluate(shard, Split.VALID);
    int state = model.layout().get(SequenceModel.INITIAL_STATE).offset();
    Arrays.fill(params, state, model.layout().get(SequenceModel.INITIAL_STATE).end(), 0.7f);
    worker.setParams(params);
    Loss fromLearned = worker.evaluate(shard, Split.VALID);
    assertThat(fromLearned.weight()).isEqualTo(39).isEqualTo(fromZero.weight());
    assertThat(fromLearned.sum()).isNotEqualTo(fromZero.sum());
  }

  @Test
  void a_restored_shard_goes_on_as_if_nothing_had_happened() {
    SequenceModel model = model(0, false);
    TrainSpec spec = Specs.train().build();
    int[] train = Texts.language(200, 4);
    StreamPlan plan = spec.plan(Split.TRAIN, train.length);
    float[] params = Initializer.draw(model, spec.init(), 1);
    ShardWorker worker = new ShardWorker(model, spec, plan.maxRows(), 1);
    worker.setParams(params);
    Shard first = new Shard(0, Shard.cut(plan, 0, train), null, null);
    WeightedSum unused = new WeightedSum(params.length);
    worker.gradient(first, new Window(0, 0, 0), unused);
    worker.gradient(first, new Window(0, 1, 1), unused);

    Shard second = new Shard(0, Shard.cut(plan, 0, train), null, null);
    second.restore(first.state());
    WeightedSum expected = new WeightedSum(params.length);
    worker.gradient(first, new Window(0, 2, 2), expected);
    ShardWorker other = new ShardWorker(model, spec, plan.maxRows(), 1);
    other.setParams(params);
    WeightedSum actual = new WeightedSum(params.length);
    other.gradient(second, new Window(0, 2, 2), actual);
    assertThat(actual.gradient()).isEqualTo(expected.gradient());
    assertThat(actual.loss()).isEqualTo(expected.loss());
    assertThat(second.state()).isEqualTo(first.state());

    second.restore(new float[3]);
    assertThatThrownBy(() -> other.gradient(second, new Window(0, 3, 3), actual))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("3 numbers");
  }

  @Test
  void evaluation_leaves_the_carried_state_alone() {
    SequenceModel model = model(0, false);
    TrainSpec spec = Specs.train().build();
    int[] train = Texts.language(200, 5);
    StreamPlan plan = spec.plan(Split.TRAIN, train.length);
    Shard shard = new Shard(0, Shard.cut(plan, 0, train), Shard.cut(plan, 0, train), null);
    ShardWorker worker = new ShardWorker(model, spec, plan.maxRows(), 1);
    float[] params = Initializer.draw(model, spec.init(), 1);
    worker.setParams(params);
    worker.gradient(shard, new Window(0, 0, 0), new WeightedSum(params.length));
    float[] state = shard.state().clone();
    Loss loss = worker.evaluate(shard, Split.VALID);
    assertThat(loss.weight()).isEqualTo(199);
    assertThat(loss).isEqualTo(worker.evaluate(shard, Split.VALID));
    assertThat(shard.state()).isEqualTo(state);
    assertThat(worker.evaluate(shard, Split.TEST)).isEqualTo(Loss.ZERO);
  }
}
