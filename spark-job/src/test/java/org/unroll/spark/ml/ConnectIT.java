// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.connect.proto.Command;
import org.apache.spark.connect.proto.ExecutePlanRequest;
import org.apache.spark.connect.proto.ExecutePlanResponse;
import org.apache.spark.connect.proto.Expression.Literal;
import org.apache.spark.connect.proto.MlCommand;
import org.apache.spark.connect.proto.MlCommandResult.MlOperatorInfo;
import org.apache.spark.connect.proto.MlOperator;
import org.apache.spark.connect.proto.MlOperator.OperatorType;
import org.apache.spark.connect.proto.MlParams;
import org.apache.spark.connect.proto.MlRelation;
import org.apache.spark.connect.proto.ObjectRef;
import org.apache.spark.connect.proto.Plan;
import org.apache.spark.connect.proto.Read;
import org.apache.spark.connect.proto.Relation;
import org.apache.spark.connect.proto.SparkConnectServiceGrpc;
import org.apache.spark.connect.proto.SparkConnectServiceGrpc.SparkConnectServiceBlockingStub;
import org.apache.spark.connect.proto.UserContext;
import org.apache.spark.connect.proto.WriteOperation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sparkproject.connect.grpc.ManagedChannel;
import org.sparkproject.connect.grpc.ManagedChannelBuilder;

/**
 * A server of Spark Connect in a process of its own, with the jar among its jars, and a client that
 * has none of our classes: it speaks the protocol, as the clients of all languages do.
 */
@Timeout(300)
class ConnectIT {
  private static final String SESSION = "00112233-4455-6677-8899-aabbccddeeff";
  private static final String ESTIMATOR = SequenceClassifier.class.getName();

  @TempDir Path folder;
  private Path rows;
  private Process server;
  private ManagedChannel channel;
  private SparkConnectServiceBlockingStub client;

  @BeforeEach
  void start() throws Exception {
    List<String> lines =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    "{\"text\": \"the %s day of %s\", \"label\": \"%s\"}"
                        .formatted(i % 2 == 0 ? "fine" : "dull", i % 7, i % 2 == 0 ? "up" : "down"))
            .toList();
    rows = Files.write(folder.resolve("rows.jsonl"), lines);
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String connect =
        Path.of(Plan.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getenv("SPARK_HOME"), "bin", "spark-submit").toString(),
                "--master",
                "local[2]",
                "--conf",
                "spark.ui.enabled=false",
                "--conf",
                "spark.connect.grpc.binding.address=localhost",
                "--conf",
                "spark.connect.grpc.binding.port=" + port,
                "--jars",
                System.getProperty("unroll.jar"),
                "--class",
                "org.apache.spark.sql.connect.service.SparkConnectServer",
                connect)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    server = builder.start();
    channel = ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    client = SparkConnectServiceGrpc.newBlockingStub(channel).withWaitForReady();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    server.descendants().forEach(ProcessHandle::destroy);
    server.destroy();
    assertThat(server.waitFor(1, TimeUnit.MINUTES)).isTrue();
  }

  private MlOperatorInfo run(MlCommand.Builder command) throws IOException {
    ExecutePlanResponse response = execute(Command.newBuilder().setMlCommand(command));
    return response.getMlCommandResult().getOperatorInfo();
  }

  /** Returns the last answer that has something to say. */
  private ExecutePlanResponse execute(Command.Builder command) throws IOException {
    ExecutePlanRequest request =
        ExecutePlanRequest.newBuilder()
            .setSessionId(SESSION)
            .setUserContext(UserContext.newBuilder().setUserId("somebody"))
            .setPlan(Plan.newBuilder().setCommand(command))
            .build();
    ExecutePlanResponse told = ExecutePlanResponse.getDefaultInstance();
    assertThat(server.isAlive()).as(Files.readString(folder.resolve("log"))).isTrue();
    for (Iterator<ExecutePlanResponse> all = client.executePlan(request); all.hasNext(); ) {
      ExecutePlanResponse next = all.next();
      told = next.hasMlCommandResult() ? next : told;
    }
    return told;
  }

  private static MlOperator.Builder operator(String name, OperatorType type) {
    return MlOperator.newBuilder().setName(name).setUid("mine").setType(type);
  }

  private static Literal text(String value) {
    return Literal.newBuilder().setString(value).build();
  }

  private static Literal number(int value) {
    return Literal.newBuilder().setInteger(value).build();
  }

  private Relation input() {
    Read.DataSource source =
        Read.DataSource.newBuilder().setFormat("json").addPaths(rows.toString()).build();
    return Relation.newBuilder().setRead(Read.newBuilder().setDataSource(source)).build();
  }

  /** Has a model answer, and returns the answers, which the server writes. */
  private List<JsonNode> answers(ObjectRef model, String name) throws IOException {
    MlRelation transform =
        MlRelation.newBuilder()
            .setTransform(MlRelation.Transform.newBuilder().setObjRef(model).setInput(input()))
            .build();
    Path out = folder.resolve(name);
    execute(
        Command.newBuilder()
            .setWriteOperation(
                WriteOperation.newBuilder()
                    .setInput(Relation.newBuilder().setMlRelation(transform))
                    .setSource("json")
                    .setMode(WriteOperation.SaveMode.SAVE_MODE_ERROR_IF_EXISTS)
                    .setPath(out.toString())));
    return MlSpark.answers(out);
  }

  @Test
  void a_client_fits_transforms_saves_and_loads_with_the_bits_of_the_command() throws Exception {
    MlParams params =
        MlParams.newBuilder()
            .putParams("inputCol", text("text"))
            .putParams("hiddenSize", number(8))
            .putParams("numLayers", number(1))
            .putParams("batchSize", number(10))
            .putParams("maxIter", number(2))
            .build();
    MlOperatorInfo fitted =
        run(
            MlCommand.newBuilder()
                .setFit(
                    MlCommand.Fit.newBuilder()
                        .setEstimator(operator(ESTIMATOR, OperatorType.OPERATOR_TYPE_ESTIMATOR))
                        .setParams(params)
                        .setDataset(input())));
    List<JsonNode> told = answers(fitted.getObjRef(), "told");
    assertThat(told).hasSize(40);
    assertThat(told.get(0).get("prediction").asDouble()).isIn(0.0, 1.0);
    Path saved = folder.resolve("saved");
    run(
        MlCommand.newBuilder()
            .setWrite(
                MlCommand.Write.newBuilder()
                    .setObjRef(fitted.getObjRef())
                    .setPath(saved.toString())));
    MlOperatorInfo loaded =
        run(
            MlCommand.newBuilder()
                .setRead(
                    MlCommand.Read.newBuilder()
                        .setOperator(
                            operator(ESTIMATOR + "Model", OperatorType.OPERATOR_TYPE_MODEL))
                        .setPath(saved.toString())));
    assertThat(answers(loaded.getObjRef(), "again")).isEqualTo(told);

    Path trained = folder.resolve("trained");
    MlSpark.command(
        "train --task classify --input %s --hidden 8 --layers 1 --batch 10 --epochs 2 --out %s"
            .formatted(rows, trained));
    assertThat(MlSpark.parameters(saved)).isEqualTo(MlSpark.parameters(trained));
  }
}
