// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import org.unroll.rnn.io.InputException;

/**
 * Tells what the time of training steps goes into, from samples of Java Flight Recorder: products
 * by what they are for, packing, cells, softmax, update and the rest.
 */
final class StepProfile {
  private static final String SAMPLE = "jdk.ExecutionSample";
  private static final Duration PERIOD = Duration.ofMillis(10);
  private static final String OURS = "org.unroll.";
  private static final String OTHER = "other";

  /** The parts of a step by a class and a method that only they run; "" is any method. */
  private static final List<Part> PARTS =
      List.of(
          new Part("PackedMatrix", "", "packing"),
          new Part("PackedLeft", "", "packing"),
          new Part("Gemm", "copyTransposed", "packing"),
          new Part("CellKernels", "", "cells"),
          new Part("VectorCellKernels", "", "cells"),
          new Part("Ops", "addColumnSums", "sums of biases"),
          new Part("LayerProducts", "inputProducts", "input products"),
          new Part("LayerProducts", "recurrentProducts", "recurrent products"),
          new Part("LayerProducts", "recurrentGradient", "recurrent gradients"),
          new Part("LayerProducts", "inputGradient", "input gradients"),
          new Part("LayerProducts", "inputWeights", "weight gradients"),
          new Part("LayerProducts", "recurrentWeights", "weight gradients"),
          new Part("Ops", "columnMax", "softmax"),
          new Part("Ops", "columnExp", "softmax"),
          new Part("SoftmaxHead", "", "output products"),
          new Part("Linear", "", "linear layers"),
          new Part("Attention", "", "attention"),
          new Part("Dropout", "", "dropout"),
          new Part("UpdateStep", "", "update"),
          new Part("WeightedSum", "", "update"));

  private record Part(String simpleName, String method, String name) {
    boolean runs(RecordedFrame frame) {
      String type = frame.getMethod().getType().getName();
      return type.startsWith(OURS)
          && type.endsWith("." + simpleName)
          && (method.isEmpty() || frame.getMethod().getName().equals(method));
    }
  }

  private StepProfile() {}

  /**
   * Runs steps and returns the share of each part, the largest first.
   *
   * @throws InputException if this Java records nothing
   */
  static Map<String, Double> of(Runnable step, double seconds) {
    try (Recording recording = new Recording()) {
      recording.enable(SAMPLE).withPeriod(PERIOD);
      recording.start();
      long end = System.nanoTime() + (long) (seconds * 1e9);
      while (System.nanoTime() < end) {
        step.run();
      }
      recording.stop();
      return shares(recording);
    } catch (IOException | IllegalStateException e) {
      throw new InputException("No profile: Java Flight Recorder does not work here: " + e, e);
    }
  }

  private static Map<String, Double> shares(Recording recording) throws IOException {
    Path file = Files.createTempFile("unroll-profile", ".jfr");
    Map<String, Long> samples = new TreeMap<>();
    try {
      recording.dump(file);
      for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
        if (event.getEventType().getName().equals(SAMPLE) && event.getStackTrace() != null) {
          List<RecordedFrame> frames = event.getStackTrace().getFrames();
          if (frames.stream().anyMatch(f -> f.getMethod().getType().getName().startsWith(OURS))) {
            samples.merge(part(frames), 1L, Long::sum);
          }
        }
      }
    } finally {
      Files.delete(file);
    }
    double all = samples.values().stream().mapToLong(n -> n).sum();
    return samples.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, e -> e.getValue() / all, (a, b) -> a, LinkedHashMap::new));
  }

  /** Returns the part that a stack is at, of which the innermost frame that tells decides. */
  private static String part(List<RecordedFrame> frames) {
    return frames.stream()
        .flatMap(frame -> PARTS.stream().filter(part -> part.runs(frame)))
        .map(Part::name)
        .findFirst()
        .orElse(OTHER);
  }
}
