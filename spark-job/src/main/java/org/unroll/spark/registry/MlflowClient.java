// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.registry.MlflowServer.Problem;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.MetricsLog;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.RegistryFolder;

/**
 * Tells a tracking server of MLflow what a training came to: a run with its parameters, figures and
 * report, and a version of a registered model. The registry folder is what counts and MLflow has a
 * copy, so a server that is away, slow or refuses costs a few seconds and a sentence, never the
 * training.
 *
 * <p>What it sends is the <a href="https://mlflow.org/docs/latest/rest-api.html">REST API</a>'s,
 * within the limits that it names for every store.
 */
public final class MlflowClient {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final String REPORT = "report.html";
  private static final String FOLDER = "unroll.folder";
  private static final String EXISTS = "RESOURCE_ALREADY_EXISTS";

  private static final int METRICS_A_BATCH = 1000;
  private static final int PARAMS_A_BATCH = 100;
  private static final int KEY_BYTES = 250;
  private static final int PARAM_BYTES = 6000;
  private static final int TAG_BYTES = 5000;

  private final MlflowServer server;
  private final Publication publication;
  private final long now = System.currentTimeMillis();
  private final List<String> notes = new ArrayList<>();
  private String run;
  private String artifacts;
  private String version;

  /**
   * A publication is what MLflow is told of one training.
   *
   * @param experiment the name of the experiment, made if it is not there
   * @param model the name of the registered model, made if it is not there; null registers nothing
   * @param params options by name
   * @param metrics figures of the whole training by name, without those that are not finite
   * @param perEpoch figures of epochs by name, from the first epoch on; names are others than those
   *     of {@code metrics}, or MLflow shows the last epoch's for both
   * @param tags of the run and of the version
   * @param report a page of HTML, as {@code report.html} of the run; null for none
   * @param source the version's folder, as Hadoop names it
   * @param champion whether the alias {@code champion} moves to this version
   */
  public record Publication(
      String experiment,
      String model,
      String runName,
      Map<String, String> params,
      Map<String, Double> metrics,
      Map<String, List<Double>> perEpoch,
      Map<String, String> tags,
      byte[] report,
      String source,
      boolean champion) {

    /**
     * Returns what there is to tell of a version of a registry, under the name of its models.
     *
     * @param champion whether it was promoted
     */
    static Publication of(RegistryFolder registry, int version, boolean champion) {
      VersionFacts facts = VersionFacts.of(registry, version);
      Map<String, String> params = new TreeMap<>();
      facts.fields("options").forEach((name, value) -> params.put(name, String.valueOf(value)));
      Map<String, Double> metrics = new TreeMap<>();
      facts
          .fields("figures")
          .forEach(
              (name, value) -> {
                if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
                  metrics.put(name, number.doubleValue());
                }
              });
      String folder = registry.version(version);
      String measure = String.valueOf(facts.about().get("measure"));
      List<MetricsLog.Epoch> epochs =
          ModelStore.metrics(folder, (in, source) -> MetricsLog.read(in, source, measure));
      Map<String, List<Double>> perEpoch = new TreeMap<>();
      perEpoch.put("epoch_train_loss", epochs.stream().map(MetricsLog.Epoch::train).toList());
      perEpoch.put("epoch_valid_loss", epochs.stream().map(MetricsLog.Epoch::valid).toList());
      perEpoch.put("epoch_" + measure, epochs.stream().map(MetricsLog.Epoch::figure).toList());
      String name = registry.name();
      return new Publication(
          name,
          name,
          name + "-" + version,
          params,
          metrics,
          perEpoch,
          Map.of("outcome", facts.outcome(), "parent", String.valueOf(facts.about().get("parent"))),
          registry.report(version),
          folder,
          champion);
    }
  }

  /**
   * Published is how far it came.
   *
   * @param run the run's id; null if there is none
   * @param version the version of the registered model; null if there is none
   * @param note one or more sentences on what MLflow was not told, and why; null if it knows all
   */
  public record Published(String run, String version, String note) {}

  private MlflowClient(MlflowServer server, Publication publication) {
    this.server = server;
    this.publication = publication;
  }

  /**
   * Returns the address of a tracking server, {@code http://HOST:5000} with or without a path.
   *
   * @throws InputException if it is none
   */
  public static URI address(String text) {
    return MlflowServer.address(text);
  }

  /** Tells a server of a training, for ten seconds at most, whatever it does. */
  public static Published publish(URI server, Publication publication) {
    return publish(server, publication, PATIENCE, System.getenv());
  }

  static Published publish(
      URI server, Publication publication, Duration patience, Map<String, String> environment) {
    try {
      MlflowServer asked = new MlflowServer(server, patience, environment);
      return new MlflowClient(asked, publication).tell(server);
    } catch (Problem e) {
      return new Published(null, null, "MLflow was told nothing: " + e.getMessage() + ".");
    }
  }

  private Published tell(URI address) {
    String status = "FAILED";
    boolean away = false;
    try {
      begin();
      log();
      status = "FINISHED";
      report();
      register();
    } catch (Problem e) {
      away = e.away;
      String told = run == null ? "was told nothing" : "was told a part only";
      notes.add("MLflow at %s %s: %s.".formatted(address, told, e.getMessage()));
    }
    if (run != null && !away) {
      end(status);
    }
    return new Published(run, version, notes.isEmpty() ? null : String.join(" ", notes));
  }

  private void begin() throws Problem {
    JsonNode info =
        server
            .post(
                "runs/create",
                Json.fields(
                    "experiment_id",
                    experiment(),
                    "run_name",
                    publication.runName(),
                    "start_time",
                    now))
            .path("run")
            .path("info");
    artifacts = info.path("artifact_uri").asText("");
    run = text(info, "run_id", "runs/create");
  }

  private String experiment() throws Problem {
    try {
      return knownExperiment();
    } catch (Problem e) {
      if (!e.code.equals("RESOURCE_DOES_NOT_EXIST")) {
        throw e;
      }
    }
    String path = "experiments/create";
    try {
      JsonNode made = server.post(path, Map.of("name", publication.experiment()));
      return text(made, "experiment_id", path);
    } catch (Problem e) {
      // Another run has just made it.
      if (!e.code.equals(EXISTS)) {
        throw e;
      }
      return knownExperiment();
    }
  }

  private String knownExperiment() throws Problem {
    String path = "experiments/get-by-name";
    JsonNode found =
        server.get(path, "experiment_name", publication.experiment()).path("experiment");
    if (found.path("lifecycle_stage").asText().equals("deleted")) {
      throw MlflowServer.problem(
          "its experiment '%s' is deleted: restore it there, or name another",
          publication.experiment());
    }
    return text(found, "experiment_id", path);
  }

  private static String text(JsonNode node, String field, String path) throws Problem {
    String text = node.path(field).asText("");
    if (text.isEmpty()) {
      throw MlflowServer.problem("its answer to mlflow/%s has no %s", path, field);
    }
    return text;
  }

  private void log() throws Problem {
    log("params", entries(publication.params(), PARAM_BYTES), PARAMS_A_BATCH);
    log("metrics", metrics(), METRICS_A_BATCH);
    log("tags", entries(publication.tags(), TAG_BYTES), PARAMS_A_BATCH);
  }

  private void log(String field, List<Map<String, Object>> entries, int batch) throws Problem {
    for (int from = 0; from < entries.size(); from += batch) {
      List<Map<String, Object>> part =
          entries.subList(from, Math.min(entries.size(), from + batch));
      server.post("runs/log-batch", Json.fields("run_id", run, field, part));
    }
  }

  private List<Map<String, Object>> metrics() {
    List<Map<String, Object>> metrics = new ArrayList<>();
    publication.metrics().forEach((name, value) -> add(metrics, name, value, 0));
    publication
        .perEpoch()
        .forEach(
            (name, values) -> {
              for (int epoch = 1; epoch <= values.size(); epoch++) {
                add(metrics, name, values.get(epoch - 1), epoch);
              }
            });
    return metrics;
  }

  private void add(List<Map<String, Object>> metrics, String name, Double value, int step) {
    if (value != null && Double.isFinite(value)) {
      metrics.add(
          Json.fields("key", key(name), "value", value, "timestamp", now, "step", (long) step));
    }
  }

  private static List<Map<String, Object>> entries(Map<String, String> values, int bytes) {
    List<Map<String, Object>> entries = new ArrayList<>();
    values.forEach(
        (name, value) ->
            entries.add(
                Json.fields("key", key(name), "value", cut(value == null ? "" : value, bytes))));
    return entries;
  }

  /** Returns a name in the characters that all versions of MLflow take. */
  private static String key(String name) {
    return cut(name.replaceAll("[^\\w./ -]", "_"), KEY_BYTES);
  }

  /** Returns as much of a text as fits into so many bytes of UTF-8. */
  private static String cut(String text, int bytes) {
    int end = 0;
    int size = 0;
    while (end < text.length()) {
      int point = text.codePointAt(end);
      size += Character.toString(point).getBytes(StandardCharsets.UTF_8).length;
      if (size > bytes) {
        return text.substring(0, end);
      }
      end += Character.charCount(point);
    }
    return text;
  }

  /** Hands over the report, which the rest of the run can do without. */
  private void report() throws Problem {
    if (publication.report() == null) {
      return;
    }
    String place = artifacts.replaceFirst("^mlflow-artifacts:(/|///)(?!/)", "");
    if (place.equals(artifacts)) {
      notes.add(
          "MLflow has no %s: files of the run are kept at '%s', and its server takes none there."
              .formatted(REPORT, artifacts));
      return;
    }
    try {
      server.upload(place + "/" + REPORT, "text/html", publication.report());
    } catch (Problem e) {
      notes.add("MLflow has no %s: %s.".formatted(REPORT, e.getMessage()));
    }
  }

  private void register() throws Problem {
    if (publication.model() == null) {
      return;
    }
    String name = publication.model();
    try {
      server.post("registered-models/create", Map.of("name", name));
    } catch (Problem e) {
      if (!e.code.equals(EXISTS)) {
        throw e;
      }
    }
    Map<String, String> tags = new LinkedHashMap<>(publication.tags());
    tags.put(FOLDER, publication.source());
    String path = "model-versions/create";
    JsonNode made =
        server.post(
            path,
            Json.fields(
                "name", name, "source", source(), "run_id", run, "tags", entries(tags, TAG_BYTES)));
    version = text(made.path("model_version"), "version", path);
    if (publication.champion()) {
      server.post(
          "registered-models/alias",
          Json.fields("name", name, "alias", "champion", "version", version));
    }
  }

  /**
   * Returns the version's folder as MLflow names it. Its servers refuse folders of a machine but
   * the run's own, which then stands for it.
   */
  private String source() {
    String folder = publication.source();
    boolean local = folder.startsWith("file:") || !folder.matches("[A-Za-z][A-Za-z0-9+.-]*:.*");
    return local ? artifacts : folder.replaceFirst("^s3[an]:", "s3:");
  }

  private void end(String status) {
    try {
      server.post(
          "runs/update",
          Json.fields("run_id", run, "status", status, "end_time", System.currentTimeMillis()));
    } catch (Problem e) {
      notes.add("MLflow shows run %s as running: %s.".formatted(run, e.getMessage()));
    }
  }
}
