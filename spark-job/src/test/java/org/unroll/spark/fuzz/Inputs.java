// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.fuzz;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.FileRows;
import org.unroll.spark.rows.RowFormat;
import org.unroll.spark.rows.RowSource;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/** Files of rows, of every format and packed in every way, as tasks on executors read them. */
final class Inputs {
  private static final ColumnChoice ANYTHING =
      new ColumnChoice(List.of(), List.of(), null, null, LabelKind.ANY, true);
  private static final ColumnChoice ALL_COLUMNS =
      new ColumnChoice(
          List.of("text", "words"),
          List.of("features", "number"),
          "label",
          "id",
          LabelKind.ANY,
          true);
  private static final Configuration CONF = new Configuration();
  private static final TextSplitter WORDS = new TextSplitter(TextSplitter.Unit.WORDS, true);
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message rows {
            required binary text (STRING);
            optional group words (LIST) { repeated group list { optional binary element (STRING); } }
            optional group features (LIST) {
              repeated group list {
                optional group element (LIST) { repeated group list { optional float element; } }
              }
            }
            optional double number;
            optional int32 label;
            optional int64 id (TIMESTAMP(MILLIS,true));
          }
          """);

  private Inputs() {}

  static List<Target> all(Path folder) throws IOException {
    List<Target> targets = new ArrayList<>();
    texts().forEach((name, text) -> targets.add(rows(folder.resolve(name), text)));
    targets.add(
        rows(
            folder.resolve("a.file"),
            bytes("one\n\ntwo"),
            RowFormat.FILE,
            ColumnChoice.USUAL_TEXT));
    targets.add(pairs(folder));
    targets.add(numpy(folder));
    byte[] lines = bytes("one two three\nfour five, \"six\"\n".repeat(20));
    targets.add(rows(folder.resolve("a.txt.gz"), packed(lines, GZIPOutputStream::new)));
    targets.add(rows(folder.resolve("a.txt.deflate"), packed(lines, DeflaterOutputStream::new)));
    targets.add(rows(folder.resolve("a.txt.bz2"), packed(lines, BZip2CompressorOutputStream::new)));
    targets.add(rows(folder.resolve("a.txt.zst"), Zstd.compress(lines)));
    for (CompressionCodecName codec :
        List.of(
            CompressionCodecName.UNCOMPRESSED,
            CompressionCodecName.SNAPPY,
            CompressionCodecName.ZSTD,
            CompressionCodecName.GZIP)) {
      Path file = folder.resolve(codec.name().toLowerCase(Locale.ROOT) + ".parquet");
      targets.add(rows(file, parquet(folder, codec), null, ALL_COLUMNS));
    }
    return targets;
  }

  /** Returns a file of every format that is text, by its name. */
  static Map<String, byte[]> texts() {
    Map<String, byte[]> texts = new TreeMap<>();
    Map.of(
            "a.txt", "one two three\nfour\n\nfive, \"six\"\n",
            "a.tsv", "label\ttext\tid\npos\tgood one\t1\nneg\tbad \"one\t2\n",
            "a.csv", "label,text,id\npos,\"good, \"\"one\"\"\nand more\",1\nneg,bad,2\n",
            "a.jsonl", "{\"text\":\"good\",\"label\":1,\"id\":7}\n{\"text\":[\"a\",\"b\"]}\n",
            "b.jsonl", "{\"features\":[[1,2.5],[3,null]],\"label\":\"x\"}\n",
            "a.conll", "The DT B-NP\ndog NN I-NP\n\nIt PRP B-NP\n",
            "a.conllu",
                "# text\n1\tThe\tthe\tDET\tDT\t_\t2\tdet\t_\t_\n2\tend\tend\tNOUN\t_\t_\t0\troot\t_\t_\n\n",
            "a.ts", "@problemName x\n@classLabel true a b\n@data\n1,2,3:4,5,6:a\n1,?,3:4,5,6:b\n",
            "a.ucr", "1.0 0.5 0.25 -1e-3\n2.0 0.5 0.25 7\n")
        .forEach((name, text) -> texts.put(name, bytes(text)));
    return texts;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Target rows(Path file, byte[] whole) {
    return rows(file, whole, null, ANYTHING);
  }

  private static Target rows(Path path, byte[] whole, RowFormat format, ColumnChoice choice) {
    return Target.ofFile(path, whole, file -> read(input(file, format), choice));
  }

  private static RowsInput input(Path file, RowFormat format) {
    return new RowsInput(
        List.of(file.toString()), format, List.of(), null, OnInvalid.FAIL, OnBadRow.FAIL);
  }

  /** A file of NumPy that a row names. */
  private static Target numpy(Path folder) throws IOException {
    String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }";
    byte[] whole =
        ("\u0093NUMPY\1\0v\0%-117s\n\1\2\3\4\5\6".formatted(header))
            .getBytes(StandardCharsets.ISO_8859_1);
    Path file = folder.resolve("a.npy");
    Path rows = Files.writeString(folder.resolve("npy.jsonl"), "{\"features\": \"" + file + "\"}");
    return Target.ofFile(file, whole, damaged -> read(input(rows, null), ANYTHING));
  }

  /** Lines that go with those of another file, which is whole. */
  private static Target pairs(Path folder) throws IOException {
    byte[] lines = bytes("eins\nzwei\n\ndrei vier\n");
    Path others = Files.write(folder.resolve("whole.en"), lines);
    ColumnChoice texts = new ColumnChoice(List.of(), List.of(), null, null, LabelKind.TEXTS, false);
    return Target.ofFile(
        folder.resolve("a.de"),
        lines,
        file ->
            read(
                input(file, null).at(List.of(file.toString()), List.of(others.toString())), texts));
  }

  private static void read(RowsInput input, ColumnChoice choice) throws IOException {
    FileRows rows = FileRows.of(input, choice, WORDS, CONF);
    for (int part = 0; part < rows.parts(); part++) {
      try (RowSource.RowStream stream = rows.open(part)) {
        while (stream.next() != null) {
          // Rows and bad rows are both answers.
        }
      }
    }
  }

  /** Packs what is written to it. */
  @FunctionalInterface
  private interface Packer {
    OutputStream over(OutputStream out) throws IOException;
  }

  private static byte[] packed(byte[] text, Packer packer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = packer.over(bytes)) {
      out.write(text);
    }
    return bytes.toByteArray();
  }

  private static byte[] parquet(Path folder, CompressionCodecName codec) throws IOException {
    Path file = folder.resolve("whole." + codec);
    SimpleGroupFactory groups = new SimpleGroupFactory(SCHEMA);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(SCHEMA)
            .withCompressionCodec(codec)
            .build()) {
      for (int row = 0; row < 3; row++) {
        Group group = groups.newGroup().append("text", "some text " + row).append("number", 0.5);
        Group word = group.addGroup("words").addGroup("list");
        word.append("element", "one");
        group
            .addGroup("features")
            .addGroup("list")
            .addGroup("element")
            .addGroup("list")
            .append("element", 1.5f);
        writer.write(group.append("label", row).append("id", 1_000_000L * row));
      }
    }
    return Files.readAllBytes(file);
  }
}
