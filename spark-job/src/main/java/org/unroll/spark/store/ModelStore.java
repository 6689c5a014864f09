// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.io.Safetensors;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSize;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.ParamLayout;

/**
 * Writes and reads model folders on any Hadoop file system: {@code config.json}, {@code
 * model.safetensors}, {@code vocabulary.tsv}, {@code vocabulary_target.tsv}, {@code metrics.jsonl},
 * {@code report.html}, {@code README.md}. A folder appears whole or not at all.
 */
public final class ModelStore {
  /**
   * The field of a model's provenance that names the run of a training that has not finished: that
   * run, started again, may replace the model.
   */
  public static final String UNFINISHED_RUN = "unfinished_run";

  /** The metadata that other readers of safetensors want: tensors are PyTorch's. */
  static final Map<String, String> METADATA = Map.of("format", "pt");

  private ModelStore() {}

  /**
   * Checks, before anything is computed, that a model may be written to a folder.
   *
   * @param overwrite whether a model that is there may be replaced; other files never are, and
   *     unfinished models are left to {@link Writer#claim}
   * @throws InputException if not, saying what is there
   */
  public static void requireFree(String out, boolean overwrite) {
    ModelFolder folder = ModelFolder.at(out);
    folder.requireFree(overwrite || folder.unfinishedRun() != null);
  }

  /** A run's hold on a model folder. What others put there in the meantime is not touched. */
  public static final class Writer {
    private final ModelFolder folder;
    private final boolean overwrite;
    private final String unfinishedRun;
    private Set<String> mine;

    /** Opens the place of a run's model, which the run may then replace as often as it likes. */
    public Writer(String out, boolean overwrite) {
      this.folder = ModelFolder.at(out);
      this.overwrite = overwrite;
      this.unfinishedRun = folder.unfinishedRun();
      folder.requireFree(overwrite || unfinishedRun != null);
      this.mine = folder.snapshot();
    }

    /**
     * Fails if an unfinished model of another run is here that may not be replaced.
     *
     * @param run what this run's unfinished models have as {@link #UNFINISHED_RUN}
     */
    public void claim(String run) {
      if (!overwrite && unfinishedRun != null && !unfinishedRun.equals(run)) {
        throw folder.taken("a model of another training, which has not finished");
      }
    }

    /**
     * Writes the model in place of the one written before.
     *
     * @param metrics the bytes of {@code metrics.jsonl}
     * @param report the bytes of {@code report.html}
     * @throws InputException if the folder was changed by somebody else
     * @throws UncheckedIOException if it cannot be written
     */
    public void replace(SavedModel model, byte[] metrics, byte[] report) {
      replace(
          new Whole(model, Map.of(ModelFolder.METRICS, metrics, ModelFolder.REPORT, report), null));
    }

    /**
     * Writes a model and all that goes with it in place of what was written before.
     *
     * @throws InputException if the folder was changed by somebody else
     * @throws UncheckedIOException if it cannot be written
     */
    public void replace(Whole whole) {
      Map<String, AtomicFiles.Content> files = new LinkedHashMap<>(whole.model().files());
      whole.others().forEach((name, bytes) -> files.put(name, out -> out.write(bytes)));
      if (whole.metadata() != null) {
        byte[] metadata = whole.metadata().getBytes(StandardCharsets.UTF_8);
        files.put(ModelFolder.METADATA_FILE, out -> out.write(metadata));
      }
      replace(files);
    }

    /**
     * Replaces the page of the model that this run has written, if nobody has changed the folder
     * since: whoever reads it sees the old page or the new one.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public void refresh(byte[] report) {
      if (!folder.exists() || !folder.snapshot().equals(mine)) {
        return; // the next replacement says so
      }
      try {
        AtomicFiles.write(folder.fs(), folder.file(ModelFolder.REPORT), to -> to.write(report));
      } catch (IOException e) {
        throw HadoopFiles.unwritten(folder.show(ModelFolder.REPORT), e);
      }
      mine = folder.snapshot();
    }

    /** Writes any files of a model in place of the one written before. */
    void replace(Map<String, AtomicFiles.Content> files) {
      Path finished = folder.makeSibling();
      boolean complete = false;
      try {
        for (Map.Entry<String, AtomicFiles.Content> file : files.entrySet()) {
          Path path = new Path(finished, file.getKey());
          AtomicFiles.writeDurably(folder.fs(), path, file.getValue());
        }
        complete = true;
        requireMine(finished);
        AtomicFiles.putFolder(folder.fs(), finished, folder.path());
      } catch (IOException e) {
        throw new UncheckedIOException(
            "The model could not be written to %s: %s%s"
                .formatted(
                    folder.show(),
                    HadoopFiles.reason(e),
                    complete && isThere(finished)
                        ? ". It is complete in " + HadoopFiles.show(finished) + "."
                        : "."),
            e);
      } finally {
        if (!complete) {
          delete(finished);
        }
      }
      mine = folder.snapshot();
    }

    private void requireMine(Path finished) {
      if (!folder.snapshot().equals(mine)) {
        throw new InputException(
            ("The output folder %s was changed by somebody else during this run and is left"
                    + " as it is. The model of this run is in %s.")
                .formatted(folder.show(), HadoopFiles.show(finished)));
      }
    }

    private boolean isThere(Path finished) {
      return HadoopFiles.using(finished, () -> folder.fs().exists(finished));
    }

    private void delete(Path temporary) {
      HadoopFiles.using(temporary, () -> folder.fs().delete(temporary, true));
    }
  }

  /**
   * Writes a model that no training made: without its course.
   *
   * @param overwrite whether a model that is there may be replaced
   * @throws InputException if the folder may not be written
   */
  public static void write(SavedModel model, String out, boolean overwrite) {
    Writer writer = new Writer(out, overwrite);
    writer.claim("");
    writer.replace(model.files());
  }

  /**
   * Returns what a model is, as its {@code config.json} says.
   *
   * @throws InputException if there is no model or that file cannot be read
   */
  public static ModelConfig config(String path) {
    return read(existing(path), ModelFolder.CONFIG, ModelConfig::read);
  }

  /**
   * Reads {@code metrics.jsonl} of a model.
   *
   * @throws InputException if there is none, or it cannot be read
   */
  public static <T> T metrics(String path, HadoopFiles.Parser<T> parser) {
    return read(existing(path), ModelFolder.METRICS, parser);
  }

  /**
   * Reads a model.
   *
   * @throws InputException if there is none, or a file of it is missing or damaged, naming the file
   */
  public static SavedModel read(String path) {
    return read(existing(path));
  }

  /**
   * Reads a model of a folder of this machine without Hadoop and without Spark, whose classes would
   * take longer to load than the model.
   *
   * @throws InputException if there is none, or a file of it is missing or damaged, naming the file
   */
  public static SavedModel readLocal(java.nio.file.Path path) {
    LocalModelFolder folder = new LocalModelFolder(path.toAbsolutePath().normalize());
    if (!Files.isDirectory(folder.path())) {
      throw missing(folder, "");
    }
    return read(folder);
  }

  private static SavedModel read(ModelSource folder) {
    ModelConfig config = read(folder, ModelFolder.CONFIG, ModelConfig::read);
    requireParameters(folder, config.model());
    InputSpec inputs = config.model().inputs();
    DecoderSpec decoder = config.model().decoder();
    boolean ofRows = decoder != null || !(config.model().head() instanceof HeadSpec.Vocabulary);
    List<Vocabulary> vocabularies = new ArrayList<>();
    for (int c = 0; c < inputs.columns().size(); c++) {
      int size = inputs.columns().get(c).vocabulary();
      vocabularies.add(vocabulary(folder, ModelFolder.vocabulary(c), size, ofRows));
    }
    Vocabulary characters =
        inputs.words() == null
            ? null
            : vocabulary(folder, ModelFolder.CHARACTERS, inputs.words().vocabulary(), ofRows);
    Vocabulary target = decoder == null ? null : target(folder, decoder);
    ParamLayout layout = new Network(config.model()).layout();
    float[] params =
        read(folder, ModelFolder.PARAMS, (in, name) -> Safetensors.readFinite(in, name, layout));
    Map<String, Safetensors.Tensor> tensors =
        folder.holds(ModelFolder.PROBE)
            ? read(folder, ModelFolder.PROBE, Safetensors::readFinite)
            : Map.of();
    return new SavedModel(config, params, vocabularies, characters, target, tensors)
        .checked(folder.show());
  }

  /**
   * All that a folder holds of a model.
   *
   * @param model what it is
   * @param others the bytes of the other files, such as the course of its training, by their names
   * @param metadata what Spark ML keeps of it, a line of JSON; null for nothing
   */
  public record Whole(SavedModel model, Map<String, byte[]> others, String metadata) {
    /**
     * Reads the course of the training.
     *
     * @return empty if there is none, as of a model that was not trained here
     */
    public <T> Optional<T> metrics(HadoopFiles.Parser<T> parser) {
      byte[] metrics = others.get(ModelFolder.METRICS);
      try {
        return metrics == null
            ? Optional.empty()
            : Optional.of(parser.parse(new ByteArrayInputStream(metrics), ModelFolder.METRICS));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Reads a model and all that goes with it.
   *
   * @throws InputException if there is none, or a file of it is missing or damaged, naming the file
   */
  public static Whole readWhole(String path) {
    ModelFolder folder = existing(path);
    SavedModel model = read(path);
    Map<String, byte[]> others = new LinkedHashMap<>();
    for (String name : folder.others(model.files().keySet())) {
      others.put(name, read(folder, name, (in, source) -> in.readAllBytes()));
    }
    return new Whole(model, others, metadataOrNull(folder));
  }

  private static String metadataOrNull(ModelFolder folder) {
    String name = ModelFolder.METADATA_FILE;
    return folder.holds(name)
        ? read(
            folder,
            name,
            (in, source) -> new String(in.readAllBytes(), StandardCharsets.UTF_8).strip())
        : null;
  }

  private static Vocabulary target(ModelSource folder, DecoderSpec decoder) {
    Vocabulary target = vocabulary(folder, ModelFolder.TARGET, decoder.vocabulary(), true);
    if (!target.contains(Vocabulary.EOS) || target.id(Vocabulary.EOS) != decoder.end()) {
      throw new InputException(
          ("%s does not have %s, which ends a text, in the place %s that %s says: they are not of the"
                  + " same model. Restore the folder from a copy or train again.")
              .formatted(
                  folder.show(ModelFolder.TARGET),
                  Vocabulary.EOS,
                  decoder.end(),
                  folder.show(ModelFolder.CONFIG)));
    }
    return target;
  }

  /** Refuses a network that is larger than the file of its parameters, before it is laid out. */
  private static void requireParameters(ModelSource folder, NetworkSpec network) {
    NetworkSize size = NetworkSize.of(network);
    long bytes =
        folder.holds(ModelFolder.PARAMS) ? folder.length(ModelFolder.PARAMS) : Long.MAX_VALUE;
    if (!size.fits() || size.parameters() > bytes / 2.0) {
      throw new InputException(
          ("%s tells of a network of %.0f parameters, but %s has only %s bytes: they are not of the"
                  + " same model. Restore the folder from a copy or train again.")
              .formatted(
                  folder.show(ModelFolder.CONFIG),
                  size.parameters(),
                  folder.show(ModelFolder.PARAMS),
                  bytes));
    }
  }

  /**
   * Reads a vocabulary.
   *
   * @param ofRows whether it is one of rows, which may have any tokens
   */
  private static Vocabulary vocabulary(ModelSource folder, String name, int size, boolean ofRows) {
    Vocabulary vocabulary = read(folder, name, Vocabulary::read);
    if (vocabulary.size() != size) {
      throw new InputException(
          ("%s has %s tokens but %s says %s: they are not of the same model. Restore the"
                  + " folder from a copy or train again.")
              .formatted(
                  folder.show(name), vocabulary.size(), folder.show(ModelFolder.CONFIG), size));
    }
    if (ofRows && !vocabulary.hasUnk()) {
      throw new InputException(
          "%s has no %s for tokens that it does not know. Restore it from a copy or train again."
              .formatted(folder.show(name), Vocabulary.UNK));
    }
    return vocabulary;
  }

  /** Returns a folder that is there, which may be named by a registry. */
  static ModelFolder existing(String path) {
    ModelFolder folder = ModelFolder.at(RegistryFolder.resolve(path));
    if (!folder.exists()) {
      throw missing(folder, adviseOn(folder));
    }
    return folder;
  }

  private static InputException missing(ModelSource folder, String advice) {
    return new InputException(
        "There is no model folder "
            + folder.show()
            + "."
            + (advice.isEmpty()
                ? " Give the folder that a training run wrote with --out."
                : advice));
  }

  private static String adviseOn(ModelFolder folder) {
    List<String> leftovers = folder.leftovers();
    return leftovers.isEmpty()
        ? ""
        : " A run was killed while it replaced the model; rename one of these to get it back: %s."
            .formatted(String.join(", ", leftovers));
  }

  /** Reads a file of a folder; one that is missing or cannot be read is an error for people. */
  static <T> T read(ModelSource folder, String name, HadoopFiles.Parser<T> parser) {
    String source = folder.show(name);
    try (InputStream in = new BufferedInputStream(folder.open(name))) {
      return parser.parse(in, source);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new InputException(
          "The folder %s has no readable %s, so it holds no whole model: %s."
              .formatted(folder.show(), name, HadoopFiles.reason(e)),
          e);
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read: %s. Restore it from a copy or train again."
              .formatted(source, HadoopFiles.reason(e)),
          e);
    }
  }
}
