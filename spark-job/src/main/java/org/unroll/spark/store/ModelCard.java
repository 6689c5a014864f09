// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.RnnSpec;

/**
 * Writes the page {@code README.md} of a model folder, in the form that hubs of models read: fields
 * in YAML, then what the model does, what it learnt from, how good it is, and how to use it. All of
 * it is in {@code config.json}; nothing depends on the time or the machine.
 */
final class ModelCard {
  private final ModelConfig config;
  private final int parameters;

  private ModelCard(ModelConfig config, int parameters) {
    this.config = config;
    this.parameters = parameters;
  }

  /** Returns the page of a model with so many parameters. */
  static String of(ModelConfig config, int parameters) {
    return new ModelCard(config, parameters).text();
  }

  private String text() {
    return """
        ---
        license: unknown
        library_name: unroll
        pipeline_tag: %s
        tags: [unroll, recurrent, %s]
        ---

        # %s

        %s, %s parameters, trained by Unroll on Apache Spark. `config.json` has all options and
        where it comes from, `report.html` its course. Nobody has said under which licence it may be used: whoever publishes it
        writes that into the field `license` above.

        ## Data

        %s

        ## Figures

        %s

        ## How to use it

        ```
        %s
        ```
        """
        .formatted(
            pipeline(),
            layers().cell().name().toLowerCase(Locale.ROOT).replaceFirst("_.*", ""),
            purpose(),
            network(),
            String.format(Locale.ROOT, "%,d", parameters),
            data(),
            figures(),
            String.join("\n", uses()));
  }

  private boolean readsText() {
    return !config.model().inputs().columns().isEmpty();
  }

  /** Returns what hubs call the task. */
  private String pipeline() {
    return switch (config.task()) {
      case "lm" -> "text-generation";
      case "classify" -> readsText() ? "text-classification" : "tabular-classification";
      case "tag" -> "token-classification";
      case "forecast" -> "time-series-forecasting";
      case "translate" -> "translation";
      case "caption" -> "image-to-text";
      case "execute" -> "text2text-generation";
      default -> "feature-extraction";
    };
  }

  private String purpose() {
    return switch (config.task()) {
      case "lm" -> "A language model";
      case "classify" -> "A classifier of sequences";
      case "tag" -> "A tagger of sequences";
      case "forecast" -> "A forecaster of series";
      case "recognise" -> "A model that recognises what sequences say";
      case "state" -> "A model that keeps the state of an agent";
      case "translate" -> "A translator";
      case "caption" -> "A model that writes captions";
      case "execute" -> "A model that writes what programs print";
      default -> "A model of the task " + config.task();
    };
  }

  private RnnSpec layers() {
    NetworkSpec model = config.model();
    return model.encoder() == null ? model.decoder().layers() : model.encoder();
  }

  private String network() {
    RnnSpec rnn = layers();
    DecoderSpec decoder = config.model().decoder();
    return "%s, layers: %s, units: %s, direction: %s%s"
        .formatted(
            rnn.cell(),
            rnn.layers(),
            rnn.hiddenSize(),
            rnn.direction().name().toLowerCase(Locale.ROOT),
            decoder != null && decoder.attention() != null
                ? ", a decoder with "
                    + decoder.attention().name().toLowerCase(Locale.ROOT)
                    + " attention"
                : "");
  }

  private String data() {
    List<String> lines = new ArrayList<>();
    if (config.provenance().get("inputs") instanceof List<?> inputs) {
      lines.add(
          "- files: "
              + inputs.stream()
                  .map(input -> "`" + input.toString().replaceFirst(".*/(?=.)", "") + "`")
                  .collect(Collectors.joining(", ")));
    }
    config
        .provenance()
        .forEach(
            (name, value) -> {
              if (name.matches("(train|valid|test)_.*") && value instanceof Number) {
                lines.add("- " + name.replace('_', ' ') + ": " + value);
              }
            });
    if (config.data().get("labels") instanceof List<?> labels && !labels.isEmpty()) {
      lines.add("- labels: " + some(labels));
    }
    return lines.isEmpty() ? "Nothing is known of it." : String.join("\n", lines);
  }

  private static String some(List<?> labels) {
    int most = 20;
    String shown =
        labels.stream()
            .limit(most)
            .map(label -> Vocabulary.describe(label.toString()))
            .collect(Collectors.joining(", "));
    return labels.size() > most ? shown + " and " + (labels.size() - most) + " more" : shown;
  }

  private String figures() {
    StringBuilder rows = new StringBuilder();
    if (config.provenance().get("results") instanceof Map<?, ?> results) {
      results.forEach(
          (name, value) -> {
            if (value instanceof Number) {
              rows.append("| ").append(name).append(" | ").append(value).append(" |\n");
            }
          });
    }
    return rows.isEmpty()
        ? "None yet."
        : "| figure | value |\n|---|---|\n" + rows.toString().stripTrailing();
  }

  private List<String> uses() {
    List<String> uses = new ArrayList<>();
    if (config.task().equals("lm")) {
      uses.add("unroll generate --model FOLDER --length 300");
    }
    uses.add("unroll predict --model FOLDER --input ROWS --out ANSWERS");
    uses.add("unroll evaluate --model FOLDER --input ROWS");
    uses.add("unroll export --model FOLDER --format pytorch --out MODULE");
    return uses;
  }
}
