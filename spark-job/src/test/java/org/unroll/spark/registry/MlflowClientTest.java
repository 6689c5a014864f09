// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cli.Shell;
import org.unroll.spark.registry.MlflowClient.Publication;
import org.unroll.spark.registry.MlflowClient.Published;

class MlflowClientTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(300);

  private MlflowTwin twin;

  @BeforeEach
  void start() throws IOException {
    twin = new MlflowTwin();
  }

  @AfterEach
  void stop() {
    twin.close();
  }

  private static Publication publication(String source, boolean champion) {
    return new Publication(
        "nightly / ä&b",
        "reviews",
        "version 7",
        new TreeMap<>(Map.of("lr", "0.002", "cell", "lstm")),
        Map.of("accuracy", 0.91),
        Map.of("train_loss", List.of(2.5, 1.25)),
        Map.of("unroll.outcome", "promoted"),
        "<p>report</p>".getBytes(StandardCharsets.UTF_8),
        source,
        champion);
  }

  private Published publish(Publication publication) {
    return MlflowClient.publish(twin.address(), publication, LONG, Map.of());
  }

  private Published publish() {
    return publish(publication("hdfs://nn/registry/reviews/versions/7", true));
  }

  @Test
  void a_server_knows_the_run_the_version_and_the_champion() {
    assertThat(publish()).isEqualTo(new Published("run1", "1", null));

    MlflowTwin.Run run = twin.runs.get("run1");
    assertThat(twin.experiments).containsExactly(Map.entry("nightly / ä&b", "1"));
    assertThat(run.name).isEqualTo("version 7");
    assertThat(run.status).isEqualTo("FINISHED");
    assertThat(run.params).isEqualTo(Map.of("lr", "0.002", "cell", "lstm"));
    assertThat(run.tags).isEqualTo(Map.of("unroll.outcome", "promoted"));
    assertThat(run.metrics)
        .containsExactly("accuracy@0=0.91", "train_loss@1=2.5", "train_loss@2=1.25");
    assertThat(twin.files)
        .containsExactly(Map.entry("1/run1/artifacts/report.html", "text/html <p>report</p>"));
    assertThat(twin.models.get("reviews"))
        .containsExactly(
            new MlflowTwin.Version(
                "hdfs://nn/registry/reviews/versions/7",
                "run1",
                Map.of(
                    "unroll.outcome",
                    "promoted",
                    "unroll.folder",
                    "hdfs://nn/registry/reviews/versions/7")));
    assertThat(twin.aliases).containsExactly(Map.entry("reviews@champion", "1"));
    assertThat(twin.asked)
        .containsExactly(
            "GET mlflow/experiments/get-by-name",
            "POST mlflow/experiments/create",
            "POST mlflow/runs/create",
            "POST mlflow/runs/log-batch",
            "POST mlflow/runs/log-batch",
            "POST mlflow/runs/log-batch",
            "PUT mlflow-artifacts/artifacts/1/run1/artifacts/report.html",
            "POST mlflow/registered-models/create",
            "POST mlflow/model-versions/create",
            "POST mlflow/registered-models/alias",
            "POST mlflow/runs/update");
  }

  @Test
  void what_a_retraining_came_to_is_told_with_its_epochs(@TempDir Path registry) {
    String days = Shell.HOME.resolve("data-samples/tickets/day=2026-11-0[1-3]").toString();
    Shell.Outcome outcome =
        Shell.run(
            ("retrain --name tickets @conf/tickets.args --epochs 2 --master local[1] --registry "
                    + registry
                    + " --input "
                    + days
                    + " --mlflow "
                    + twin.address())
                .split(" "));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    MlflowTwin.Run run = twin.runs.get("run1");
    assertThat(run.status).isEqualTo("FINISHED");
    assertThat(run.params).containsEntry("cell", "gru");
    assertThat(run.tags).containsEntry("outcome", "promoted");
    assertThat(run.metrics)
        .anyMatch(metric -> metric.startsWith("test_accuracy@0="))
        .anyMatch(metric -> metric.startsWith("epoch_train_loss@1="))
        .anyMatch(metric -> metric.startsWith("epoch_accuracy@2="));
    assertThat(twin.files.keySet()).containsExactly("1/run1/artifacts/report.html");
    assertThat(twin.aliases).containsExactly(Map.entry("tickets@champion", "1"));
  }

  @Test
  void the_next_version_is_of_the_same_experiment_and_model() {
    publish();
    Published kept = publish(publication("hdfs://nn/registry/reviews/versions/8", false));
    assertThat(kept).isEqualTo(new Published("run2", "2", null));
    assertThat(twin.experiments).hasSize(1);
    assertThat(twin.runs.get("run2").experiment).isEqualTo("1");
    assertThat(twin.aliases).containsExactly(Map.entry("reviews@champion", "1"));
  }

  @Test
  void a_run_alone_is_told_where_there_is_no_name_for_a_model() {
    Publication p = publication("x", true);
    Published published =
        publish(
            new Publication(
                p.experiment(),
                null,
                p.runName(),
                p.params(),
                p.metrics(),
                p.perEpoch(),
                p.tags(),
                null,
                p.source(),
                true));
    assertThat(published).isEqualTo(new Published("run1", null, null));
    assertThat(twin.files).isEmpty();
    assertThat(twin.models).isEmpty();
  }

  @Test
  void what_is_over_a_limit_is_sent_in_parts_or_cut() {
    Map<String, String> params =
        IntStream.range(0, 250).boxed().collect(Collectors.toMap(i -> "p" + i, i -> "v" + i));
    params.put("long", "é".repeat(4000));
    params.put("smile", "x" + "\uD83D\uDE00".repeat(1600));
    params.put("k".repeat(300), "");
    params.put("f1@pos: é", null);
    List<Double> losses = IntStream.range(0, 2500).mapToObj(i -> i / 2.0).toList();
    Map<String, Double> metrics =
        Map.of("auc", Double.NaN, "bleu", Double.POSITIVE_INFINITY, "f1", 0.5);
    Published published =
        publish(
            new Publication(
                "e",
                "m",
                "r",
                params,
                metrics,
                Map.of("loss", losses),
                Map.of(),
                null,
                "s3:/x",
                true));

    assertThat(published.note()).isNull();
    MlflowTwin.Run run = twin.runs.get("run1");
    assertThat(run.params).hasSize(254).containsEntry("p249", "v249");
    assertThat(run.params.get("long")).isEqualTo("é".repeat(3000));
    assertThat(run.params.get("smile")).isEqualTo("x" + "\uD83D\uDE00".repeat(1499));
    assertThat(run.params).containsEntry("k".repeat(250), "").containsEntry("f1_pos_ _", "");
    assertThat(run.metrics)
        .hasSize(2501)
        .startsWith("f1@0=0.5", "loss@1=0.0")
        .endsWith("loss@2500=1249.5");
    assertThat(Collections.frequency(twin.asked, "POST mlflow/runs/log-batch")).isEqualTo(6);
  }

  @Test
  void folders_that_mlflow_does_not_know_are_named_as_it_does() {
    publish(publication("s3a://models/registry/reviews/versions/7", true));
    publish(publication("file:/srv/registry/reviews/versions/8", true));
    publish(publication("registry/reviews/versions/9", true));
    assertThat(twin.models.get("reviews"))
        .extracting(MlflowTwin.Version::source)
        .containsExactly(
            "s3://models/registry/reviews/versions/7",
            "mlflow-artifacts:/1/run2/artifacts",
            "mlflow-artifacts:/1/run3/artifacts");
    assertThat(twin.models.get("reviews"))
        .extracting(version -> version.tags().get("unroll.folder"))
        .containsExactly(
            "s3a://models/registry/reviews/versions/7",
            "file:/srv/registry/reviews/versions/8",
            "registry/reviews/versions/9");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://bucket/", "/srv/mlruns/", "mlflow-artifacts://other:5000/"})
  void a_report_that_the_server_does_not_pass_on_is_left_out(String artifacts) {
    twin.artifacts = artifacts;
    Published published = publish();
    assertThat(published.note())
        .isEqualTo(
            "MLflow has no report.html: files of the run are kept at '%s1/run1/artifacts', and its server takes none there.",
            artifacts);
    assertThat(published.version()).isEqualTo("1");
    assertThat(twin.files).isEmpty();
    assertThat(twin.runs.get("run1").status).isEqualTo("FINISHED");
  }

  @Test
  void a_report_that_is_refused_keeps_nothing_else_back() {
    twin.accident =
        (path, exchange) -> {
          boolean upload = path.startsWith("mlflow-artifacts");
          if (upload) {
            MlflowTwin.answer(exchange, 503, "text/plain", "proxy is off");
          }
          return upload;
        };
    Published published = publish();
    assertThat(published.note())
        .startsWith("MLflow has no report.html: HTTP 503 for mlflow-artifacts/artifacts/1/run1");
    assertThat(twin.aliases).hasSize(1);
  }

  @Test
  void a_refused_version_leaves_a_finished_run() {
    refuse("mlflow/model-versions/create", 400, "INVALID_PARAMETER_VALUE", "Invalid\n source");
    Published published = publish();
    assertThat(published.run()).isEqualTo("run1");
    assertThat(published.version()).isNull();
    assertThat(published.note())
        .isEqualTo(
            "MLflow at %s was told a part only: HTTP 400 for mlflow/model-versions/create"
                + " (INVALID_PARAMETER_VALUE Invalid source).",
            twin.address());
    assertThat(twin.runs.get("run1").status).isEqualTo("FINISHED");
  }

  @Test
  void a_run_whose_figures_are_refused_failed() {
    refuse("mlflow/runs/log-batch", 400, "INVALID_PARAMETER_VALUE", "no");
    Published published = publish();
    assertThat(published.version()).isNull();
    assertThat(published.note()).contains("was told a part only: HTTP 400 for mlflow/runs/log");
    assertThat(twin.runs.get("run1").status).isEqualTo("FAILED");
  }

  @Test
  void a_run_that_cannot_be_ended_is_named() {
    refuse("mlflow/runs/update", 500, "INTERNAL_ERROR", "database is locked");
    assertThat(publish().note())
        .isEqualTo(
            "MLflow shows run run1 as running: HTTP 500 for mlflow/runs/update"
                + " (INTERNAL_ERROR database is locked).");
  }

  @Test
  void an_experiment_that_another_run_has_just_made_is_used() {
    twin.accident =
        (path, exchange) -> {
          boolean first = twin.asked.size() == 1;
          if (first) {
            MlflowTwin.refuse(exchange, 404, "RESOURCE_DOES_NOT_EXIST", "not yet");
            twin.experiments.put("nightly / ä&b", "42");
          }
          return first;
        };
    assertThat(publish().note()).isNull();
    assertThat(twin.runs.get("run1").experiment).isEqualTo("42");
  }

  @Test
  void a_deleted_experiment_is_no_place_for_runs() {
    twin.accident =
        (path, exchange) -> {
          MlflowTwin.answer(
              exchange,
              200,
              "application/json",
              "{\"experiment\": {\"experiment_id\": \"3\", \"lifecycle_stage\": \"deleted\"}}");
          return true;
        };
    assertThat(publish().note())
        .contains("was told nothing: its experiment 'nightly / ä&b' is deleted: restore it there");
    assertThat(twin.asked).hasSize(1);
  }

  private void refuse(String refused, int status, String code, String message) {
    twin.accident =
        (path, exchange) -> {
          if (path.equals(refused)) {
            MlflowTwin.refuse(exchange, status, code, message);
          }
          return path.equals(refused);
        };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "3",
        "{\"experiment\": 3}",
        "{\"experiment\": {}}",
        "<html>",
        "{\"experiment\": {\"experiment_id\": [1]}, \"run\": []}",
        "{\"error_code\": {\"a\": 1}, \"message\": [2]}"
      })
  void answers_that_make_no_sense_are_told(String answer) {
    twin.accident =
        (path, exchange) -> {
          MlflowTwin.answer(exchange, 200, "text/html", answer);
          return true;
        };
    Published published = publish();
    assertThat(published.run()).isNull();
    assertThat(published.note()).startsWith("MLflow at http://127.0.0.1:").contains("told nothing");
  }

  @Test
  void a_page_is_no_answer() {
    twin.accident =
        (path, exchange) -> {
          MlflowTwin.answer(exchange, 502, "text/html", "<html>Bad gateway</html>");
          return true;
        };
    assertThat(publish().note())
        .endsWith(
            "was told nothing: HTTP 502 for mlflow/experiments/get-by-name with an answer (text/html)"
                + " that is not the JSON of a tracking server.");
  }

  @Test
  void an_answer_without_an_end_is_not_kept() {
    twin.accident =
        (path, exchange) -> {
          MlflowTwin.answer(exchange, 200, "application/json", " ".repeat(3 << 20) + "{}");
          return true;
        };
    assertThat(publish().note()).contains("not the JSON of a tracking server");
  }

  @Test
  void a_server_that_sends_on_is_not_followed() throws IOException {
    try (MlflowTwin other = new MlflowTwin()) {
      twin.accident =
          (path, exchange) -> {
            exchange.getResponseHeaders().set("Location", other.address() + "/login");
            MlflowTwin.answer(exchange, 302, "text/html", "");
            return true;
          };
      assertThat(publish().note())
          .contains("it sends on to " + other.address() + "/login: name that address");
      assertThat(other.asked).isEmpty();
    }
  }

  @Test
  void a_server_that_is_away_costs_a_sentence() throws IOException {
    URI address = twin.address();
    twin.close();
    assertThat(MlflowClient.publish(address, publication("x", true), LONG, Map.of()))
        .isEqualTo(
            new Published(
                null, null, "MLflow at " + address + " was told nothing: nobody answers there."));
  }

  @Test
  void a_server_that_never_answers_is_left_in_time() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      URI address = URI.create("http://127.0.0.1:" + silent.getLocalPort());
      Published published = MlflowClient.publish(address, publication("x", true), SHORT, Map.of());
      assertThat(published.note())
          .endsWith("get-by-name was not answered in time, which is 0.3 s for all.");
    }
  }

  @Test
  void a_server_that_begins_an_answer_and_never_ends_it_is_left_in_time() {
    twin.accident =
        (path, exchange) -> {
          boolean create = path.equals("mlflow/runs/create");
          if (create) {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
          }
          return create;
        };
    Published published =
        MlflowClient.publish(
            twin.address(), publication("x", true), Duration.ofSeconds(2), Map.of());
    assertThat(published.run()).isNull();
    assertThat(published.note()).contains("was not answered in time");
    assertThat(twin.asked).doesNotContain("POST mlflow/runs/update");
  }

  @Test
  void a_thread_that_is_interrupted_stops_telling() {
    Thread.currentThread().interrupt();
    Published published = publish();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(published.note()).contains("was broken off");
  }

  @Test
  void who_asks_is_taken_from_the_environment_as_by_other_clients() {
    Map<String, String> token = Map.of("MLFLOW_TRACKING_TOKEN", "s3cret\n");
    MlflowClient.publish(twin.address(), publication("s3:/x", true), LONG, token);
    assertThat(twin.authorizations).containsExactly("Bearer s3cret");
    twin.authorizations.clear();

    Map<String, String> both =
        Map.of(
            "MLFLOW_TRACKING_TOKEN", "s3cret",
            "MLFLOW_TRACKING_USERNAME", "ada",
            "MLFLOW_TRACKING_PASSWORD", "lovelace");
    MlflowClient.publish(twin.address(), publication("s3:/x", true), LONG, both);
    assertThat(twin.authorizations).containsExactly("Basic YWRhOmxvdmVsYWNl");
    twin.authorizations.clear();

    publish();
    assertThat(twin.authorizations).containsExactly("null");
  }

  @Test
  void a_token_that_no_request_can_carry_is_not_shown() {
    Map<String, String> token = Map.of("MLFLOW_TRACKING_TOKEN", "two words");
    assertThat(MlflowClient.publish(twin.address(), publication("x", true), LONG, token).note())
        .isEqualTo(
            "MLflow was told nothing: MLFLOW_TRACKING_TOKEN has blanks or characters that are not"
                + " ASCII.");
    assertThat(twin.asked).isEmpty();
  }

  @Test
  void a_server_that_wants_to_know_who_asks_says_how() {
    twin.accident =
        (path, exchange) -> {
          MlflowTwin.answer(exchange, 401, "text/plain", "You are not authenticated.");
          return true;
        };
    assertThat(publish().note())
        .contains("HTTP 401 for mlflow/experiments/get-by-name: MLFLOW_TRACKING_USERNAME and");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:5000",
        "mlflow",
        "databricks",
        "sqlite:///mlflow.db",
        "http:///x",
        "http://a b",
        "http://host:99999",
        "https://host/?a=b",
        "https://host#x",
        ""
      })
  void what_is_no_address_is_told_with_one_that_is(String text) {
    assertThatThrownBy(() -> MlflowClient.address(text))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("--mlflow '" + text + "' is no address of a tracking server: ")
        .hasMessageEndingWith("One looks like http://HOST:5000.");
  }

  @Test
  void a_password_in_an_address_is_not_repeated() {
    assertThatThrownBy(() -> MlflowClient.address("https://ada:lovelace@host"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("MLFLOW_TRACKING_PASSWORD")
        .message()
        .doesNotContain("lovelace");
  }

  @Test
  void an_address_may_have_a_path() {
    URI address = MlflowClient.address(twin.address() + "/mlflow/ ");
    MlflowClient.publish(address, publication("x", true), LONG, Map.of());
    assertThat(twin.asked).containsExactly("GET /mlflow/api/2.0/mlflow/experiments/get-by-name");
  }
}
