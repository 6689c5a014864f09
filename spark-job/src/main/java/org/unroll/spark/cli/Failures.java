// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.SparkThrowable;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.TrainingDivergedException;
import org.unroll.spark.cluster.ClusterException;
import org.unroll.spark.report.Platform;
import org.unroll.spark.report.Terminal;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** A failure becomes one paragraph for a person, and an exit code. */
record Failures(Terminal terminal, boolean verbose) {
  static final int FAILED = 1;
  static final int USAGE = 2;

  /** Reports options that cannot be understood, and returns the exit code. */
  int usage(ParameterException error) {
    String name = error.getCommandLine().getCommandSpec().qualifiedName();
    return report(name, words(error) + " See " + name + " --help.", error, USAGE);
  }

  /** Returns what is wrong with options that cannot be understood. */
  static String words(ParameterException error) {
    return error instanceof UnmatchedArgumentException unmatched
        ? unmatched(error.getCommandLine().getCommandSpec(), unmatched.getUnmatched().get(0))
        : sentence(error.getMessage());
  }

  private static String unmatched(CommandSpec command, String word) {
    boolean isGroup = !command.subcommands().isEmpty();
    if (!word.startsWith("-")) {
      return isGroup
          ? "There is no command '" + word + "'" + meant(word, command.subcommands().keySet())
          : "'" + word + "' belongs to no option: a value comes directly behind its option.";
    }
    String name = word.replaceFirst("=.*", "");
    if (isGroup) {
      return "Unknown option " + name + ": options come behind the command.";
    }
    List<String> names = command.options().stream().map(OptionSpec::longestName).toList();
    return "Unknown option " + name + meant(name, Set.copyOf(names));
  }

  private static String meant(String word, Set<String> candidates) {
    return Nearest.hint(": ", word, candidates).orElse(".");
  }

  private static String sentence(String text) {
    String oneLine = text.strip().replaceAll("\\s*\\R\\s*", " ");
    return oneLine.matches(".*[.?!]") ? oneLine : oneLine + ".";
  }

  /**
   * Reports anything that ended a command, and returns the exit code.
   *
   * @param command its whole name, {@code unroll bench cells}; {@code unroll} where none had begun
   */
  int running(String command, Throwable error) {
    // Spark wraps what its tasks throw, sometimes several times.
    List<Throwable> causes = ExceptionUtils.getThrowableList(error);
    for (Throwable cause : causes) {
      if (cause instanceof InputException) {
        return report(command, cause.getMessage(), error, USAGE);
      }
      if (cause instanceof TrainingDivergedException || cause instanceof ClusterException) {
        return report(command, sentence(cause.getMessage()), error, FAILED);
      }
      if (cause instanceof UncheckedIOException
          && !String.valueOf(cause.getCause()).equals(cause.getMessage())) {
        return report(command, sentence(cause.getMessage()), error, FAILED);
      }
      if (cause instanceof OutOfMemoryError) {
        return report(command, outOfMemory(cause), error, FAILED);
      }
    }
    String message = unexpected(causes.get(causes.size() - 1));
    return report(command, cancelled(causes).orElse(message), error, FAILED);
  }

  /** Returns why a job was cancelled, in the words of whoever did it; empty if none was. */
  private static Optional<String> cancelled(List<Throwable> causes) {
    return causes.stream()
        .filter(SparkThrowable.class::isInstance)
        .map(SparkThrowable.class::cast)
        .filter(t -> "SPARK_JOB_CANCELLED".equals(t.getCondition()))
        .map(t -> "The job was cancelled " + sentence(t.getMessageParameters().get("reason")))
        .findFirst();
  }

  private static String outOfMemory(Throwable cause) {
    return ("Out of memory (%s): give the process more (spark-submit's --driver-memory and"
            + " --executor-memory), or make --batch, --window or --hidden smaller.")
        .formatted(cause.getMessage());
  }

  private String unexpected(Throwable root) {
    String text = root.getMessage() == null ? "" : root.getMessage();
    if (root instanceof IOException && text.contains("No space left")) {
      return "A disk is full where Spark keeps its own files (No space left on device): make room in"
          + " /tmp, or name another folder (--conf spark.local.dir=DIR).";
    }
    String message =
        text.lines().filter(l -> !l.isBlank()).findFirst().map(l -> ": " + l.strip()).orElse("");
    boolean others =
        root instanceof IOException
            || root instanceof SparkThrowable
            || root.getClass().getName().startsWith("org.apache.");
    String advice =
        others
            ? (verbose ? "" : " Run it again with --verbose for the stack trace.")
            : (" This is a fault of Unroll's: please report it with the command, the version (%s) and"
                    + " %s.")
                .formatted(
                    Platform.versionLine(),
                    verbose ? "this stack trace" : "the stack trace that --verbose prints");
    return "Failed with " + root.getClass().getSimpleName() + sentence(message) + advice;
  }

  private int report(String command, String message, Throwable error, int exitCode) {
    terminal.note(command + ": " + message.lines().collect(Collectors.joining(" ")));
    if (verbose) {
      terminal.trace(error);
    }
    return exitCode;
  }
}
