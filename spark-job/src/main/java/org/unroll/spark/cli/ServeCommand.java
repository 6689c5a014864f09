// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Json;
import org.unroll.spark.serve.Limits;
import org.unroll.spark.serve.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that has a model answer over HTTP until it is stopped. It needs no Spark. */
@Command(
    name = "serve",
    description = "Has a model answer over HTTP: a page to write on, and an API.")
final class ServeCommand extends BaseCommand {
  private static final int SHORTEST_KEY = 16;

  @Mixin ModelOption model;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "Address to listen to; one that others can reach needs --api-key-file, and 0.0.0.0 is all of"
              + " this machine's.")
  String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "NUMBER",
      description = "Port to listen to, 0 for any that is free.")
  @Range(max = 65535)
  int port = 8080;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description =
          "File with the key that clients must send, as Authorization: Bearer KEY (default: none).")
  Path apiKeyFile;

  @Option(
      names = "--threads",
      paramLabel = "COUNT",
      description = "Threads that compute a step of a language model together.")
  @Range(min = 1)
  int threads = 1;

  @Option(
      names = "--sessions",
      paramLabel = "COUNT",
      description = "Texts that are written side by side; more wait, and are refused after 5 s.")
  @Range(min = 1, max = 4096)
  int sessions = Limits.USUAL.sessions();

  @Option(
      names = "--max-prompt",
      paramLabel = "TOKENS",
      description = "The longest prompt, and the most steps of the rows of a request.")
  @Range(min = 1)
  int maxPrompt = Limits.USUAL.promptTokens();

  @Option(
      names = "--max-tokens",
      paramLabel = "TOKENS",
      description = "The most tokens that a request may have written for each of its texts.")
  @Range(min = 1, max = 1_000_000)
  int maxTokens = Limits.USUAL.maxTokens();

  @Option(names = "--max-body", paramLabel = "BYTES", description = "The largest request.")
  @Range(min = 1, max = 1 << 28)
  int maxBody = Limits.USUAL.body();

  @Option(
      names = "--rate",
      paramLabel = "COUNT",
      description = "Requests a second that a client's address may make, 0 for any number.")
  @Range
  int rate = Limits.USUAL.rate();

  @Option(
      names = "--max-seconds",
      paramLabel = "SECONDS",
      description = "The longest time that a request may take.")
  @Range(min = 1, max = 86_400)
  int maxSeconds = (int) Limits.USUAL.request().toSeconds();

  @Option(
      names = "--poll",
      paramLabel = "SECONDS",
      description = "Of registry: how often to look for a new version.")
  @Range(min = 1, max = 86_400)
  int poll = 2;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      description = "When stopped: how long texts that are being written may go on.")
  @Range(max = 3600)
  int drain = 10;

  @Override
  Map<String, Object> run() throws InterruptedException {
    OptionRules.require(
        model.model,
        "--model is missing: name the folder that train wrote, as in --model work/model.");
    Limits limits =
        new Limits(
            maxBody,
            maxPrompt,
            maxTokens,
            Limits.USUAL.choices(),
            sessions,
            rate,
            Duration.ofSeconds(maxSeconds),
            Limits.USUAL.sending());
    Server.Settings settings =
        new Server.Settings(
            model.model, host, port, apiKey(), threads, Duration.ofSeconds(poll), limits);
    try (Server server = new Server(settings, terminal()::note)) {
      show("Serving %s at %s until it is stopped.".formatted(server.model(), server.url()));
      Stop.await();
      server.close(Duration.ofSeconds(drain));
      return Json.fields("url", server.url());
    }
  }

  private String apiKey() {
    if (apiKeyFile == null) {
      return null;
    }
    String key;
    try {
      key = Files.readString(apiKeyFile, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new InputException(
          "The file of --api-key-file, %s, cannot be read: %s.".formatted(apiKeyFile, e), e);
    }
    if (key.length() < SHORTEST_KEY || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new InputException(
          ("The key in %s (--api-key-file) must have %s characters or more of ASCII, and no blanks: try"
                  + " head -c 24 /dev/urandom | base64.")
              .formatted(apiKeyFile, SHORTEST_KEY));
    }
    return key;
  }
}
