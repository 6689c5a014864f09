// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.NoSpaceFileSystem;

/** Trainings that somebody looks at while they run: their page, a port, files for TensorBoard. */
class WatchedTrainingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern URL = Pattern.compile("http://127.0.0.1:\\d+/");

  @TempDir Path folder;

  @BeforeEach
  void writeInputs() throws IOException {
    Files.writeString(folder.resolve("sea.txt"), "the sea is wide, the sea is deep.\n".repeat(60));
    Files.writeString(
        folder.resolve("rows.tsv"),
        "label\ttext\n" + "a<u>\tx y\nb\ty z\na<u>\tx\nb\tz z\n".repeat(5));
  }

  private String[] words(String words) {
    return words.replace("IN/", folder + "/").split(" +");
  }

  private String[] text(String more) {
    return words(
        "train --task lm --input IN/sea.txt --valid-fraction 0.1 --layers 1 --hidden 8 --batch 4"
            + " --window 10 --checkpoint-every 7 --master local[1] --shards 1 "
            + more);
  }

  private static HttpResponse<String> get(String url) {
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create(url)).build(),
              HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String url(String notes) {
    Matcher url = URL.matcher(notes);
    assertThat(url.find()).as(notes).isTrue();
    return url.group();
  }

  /** Returns a page without its pictures, whose encoding may spell any word. */
  private static String html(String page) {
    return page.replaceAll("data:image/png[^\"]*", "data:");
  }

  private String report(String model) {
    try {
      return html(Files.readString(folder.resolve(model).resolve("report.html")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void the_page_is_there_while_rows_are_learnt_in_the_folder_and_at_the_port() {
    AtomicReference<String> address = new AtomicReference<>();
    Outcome outcome =
        Shell.runAt(
            "epoch 2/2",
            notes -> {
              address.set(url(notes));
              HttpResponse<String> live = get(address.get());
              assertThat(live.statusCode()).isEqualTo(200);
              assertThat(live.headers().firstValue("X-Frame-Options")).contains("DENY");
              assertThat(live.headers().firstValue("Content-Security-Policy").orElseThrow())
                  .startsWith("default-src 'none'");
              assertThat(get(address.get() + "report.html").statusCode()).isEqualTo(404);
              for (String page : List.of(html(live.body()), report("rows"))) {
                assertThat(page)
                    .contains("http-equiv=\"refresh\"", "still running", "it is at epoch 1.")
                    .contains("Examples of what it answers", "a&lt;u&gt;")
                    .doesNotContain("<u>", "<script", "href", "http://");
              }
            },
            words(
                "train --task classify --input IN/rows.tsv --valid IN/rows.tsv --layers 1 --hidden 4"
                    + " --epochs 2 --batch 4 --master local[1] --shards 1 --out IN/rows --ui 0"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(report("rows"))
        .contains("<h2>Confusion, validation data</h2>", "<h2>Calibration, validation data</h2>")
        .contains("calibration error, validation", "Examples of what it answers")
        .doesNotContain("refresh", "still running", "<!--now-->");
    assertThatThrownBy(() -> get(address.get()))
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(ConnectException.class);
  }

  @Test
  void a_language_model_shows_what_it_writes() {
    Outcome outcome =
        Shell.runAt(
            "epoch 2/2",
            notes ->
                assertThat(report("text"))
                    .contains("http-equiv=\"refresh\"", "What it writes", "temperature 0.7"),
            text("--epochs 2 --out IN/text"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(report("text")).contains("temperature 1.0").doesNotContain("refresh");
  }

  @Test
  void a_port_that_is_taken_is_told_before_anything_is_computed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Outcome outcome = Shell.run(text("--epochs 1 --out IN/taken --ui " + taken.getLocalPort()));
      assertThat(outcome.exitCode()).isEqualTo(2);
      assertThat(outcome.err()).contains("Nothing can listen", "--ui").doesNotContain("\tat ");
      assertThat(folder.resolve("taken")).doesNotExist();
    }
    Outcome outcome = Shell.run(text("--epochs 1 --out IN/taken --ui 70000"));
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("--ui is 70000");
  }

  /** A number that a file has: its tag, step and value. */
  private record Scalar(String tag, long step, float value) {}

  /** What a file has. */
  private record Events(long start, List<Scalar> scalars, List<String> tags) {}

  @Test
  void tensorboard_is_told_every_step_once_also_where_a_training_went_on() throws IOException {
    Shell.runUntil("epoch 3/", text("--epochs 3 --out IN/cut --tensorboard IN/board"));
    Outcome outcome = Shell.run(text("--epochs 3 --out IN/cut --tensorboard IN/board"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    Shell.run(text("--epochs 3 --out IN/whole"));
    assertThat(folder.resolve("cut/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("whole/model.safetensors"));
    List<Events> files = files("board");
    assertThat(files).hasSize(2);
    assertThat(files.get(0).start()).isZero();
    assertThat(files.get(0).tags()).contains("settings");
    long start = files.get(1).start();
    assertThat(start).isGreaterThan(1);
    assertThat(files.get(1).scalars()).allMatch(scalar -> scalar.step() >= start);
    // What TensorBoard keeps of the first file: what is before the second one's start.
    Map<String, Map<Long, Float>> kept = new HashMap<>();
    for (Events file : files) {
      for (Scalar scalar : file.scalars()) {
        if (file != files.get(0) || scalar.step() < start) {
          Float twice =
              kept.computeIfAbsent(scalar.tag(), tag -> new HashMap<>())
                  .put(scalar.step(), scalar.value());
          assertThat(twice).as(scalar.toString()).isNull();
        }
      }
    }
    List<String> lines = Files.readAllLines(folder.resolve("whole/metrics.jsonl"));
    assertThat(lines).hasSize(3);
    for (String line : lines) {
      JsonNode epoch = JSON.readTree(line);
      long step = epoch.get("step").asLong();
      for (Map.Entry<String, String> figure :
          Map.of(
                  "epoch/loss", "loss",
                  "epoch/valid_loss", "valid_loss",
                  "epoch/perplexity", "perplexity",
                  "epoch/learning_rate", "lr",
                  "epoch/gradient_norm", "gradient_norm")
              .entrySet()) {
        double told = epoch.get(figure.getValue()).asDouble();
        assertThat((double) kept.get(figure.getKey()).get(step))
            .as(figure.getKey())
            .isCloseTo(told, within(1e-5 * told));
      }
      assertThat(kept.get("epoch/tokens_per_second").get(step)).isPositive();
    }
    long last = JSON.readTree(lines.get(2)).get("step").asLong();
    assertThat(kept.get("round/loss")).hasSize((int) last).containsKey(1L).containsKey(last);
  }

  private List<Events> files(String name) throws IOException {
    List<Events> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      for (Path file : files.sorted().toList()) {
        assertThat(file.getFileName().toString()).startsWith("events.out.tfevents.");
        all.add(events(Files.readAllBytes(file)));
      }
    }
    return all;
  }

  /** Reads a file by what TensorFlow's documents say, checking every checksum. */
  private static Events events(byte[] file) throws InvalidProtocolBufferException {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long start = -1;
    List<Scalar> scalars = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertThat(in.getInt()).isEqualTo(masked(length));
      byte[] record = new byte[(int) ByteBuffer.wrap(length).order(in.order()).getLong()];
      in.get(record);
      assertThat(in.getInt()).isEqualTo(masked(record));
      UnknownFieldSet event = UnknownFieldSet.parseFrom(record);
      double time = Double.longBitsToDouble(event.getField(1).getFixed64List().get(0));
      assertThat(time).isGreaterThan(1.6e9);
      long step = event.hasField(2) ? event.getField(2).getVarintList().get(0) : 0;
      if (event.hasField(3)) {
        assertThat(event.getField(3).getLengthDelimitedList().get(0).toStringUtf8())
            .isEqualTo("brain.Event:2");
      } else if (event.hasField(7)) {
        start = step;
      } else {
        for (ByteString value : message(event, 5).getField(1).getLengthDelimitedList()) {
          UnknownFieldSet one = UnknownFieldSet.parseFrom(value);
          String tag = one.getField(1).getLengthDelimitedList().get(0).toStringUtf8();
          tags.add(tag);
          if (one.hasField(2)) {
            int bits = one.getField(2).getFixed32List().get(0);
            scalars.add(new Scalar(tag, step, Float.intBitsToFloat(bits)));
          } else {
            UnknownFieldSet tensor = message(one, 8);
            assertThat(tensor.getField(8).getLengthDelimitedList().get(0).toStringUtf8())
                .contains("| hidden | 8 |");
          }
        }
      }
    }
    return new Events(start, scalars, tags);
  }

  private static UnknownFieldSet message(UnknownFieldSet in, int field)
      throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(in.getField(field).getLengthDelimitedList().get(0));
  }

  private static int masked(byte... bytes) {
    int crc = Hashing.crc32c().hashBytes(bytes).asInt();
    return (crc >>> 15 | crc << 17) + 0xa282ead8;
  }

  @Test
  void a_folder_that_cannot_be_written_is_told_first_and_one_that_is_full_ends_no_training()
      throws IOException {
    Files.writeString(folder.resolve("file"), "mine");
    Outcome outcome = Shell.run(text("--epochs 1 --out IN/no --tensorboard IN/file/board"));
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(folder.resolve("no")).doesNotExist();
    String full =
        NoSpaceFileSystem.OPTIONS
            + " --epochs 1 --out IN/full --tensorboard full://"
            + folder
            + "/board";
    outcome = Shell.run(text(full));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("No space left on device", "goes on without --tensorboard");
  }
}
