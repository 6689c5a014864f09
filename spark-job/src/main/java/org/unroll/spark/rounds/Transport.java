// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.netty.SparkTransportConf;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.TransportConf;
import org.apache.spark.util.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.unroll.spark.cluster.ClusterException;
import scala.Option;

/**
 * Uses Spark's network library as Spark's own services use it: with the settings {@code
 * spark.unroll.io.*}, and with authentication and encryption where they are on.
 */
final class Transport {
  /** The name of the settings' group. */
  private static final String MODULE = "unroll";

  /** The setting where the driver listens; any free port by default. */
  private static final String PORT = "spark.unroll.port";

  /** Spark's setting how many ports behind one that is taken are tried. */
  private static final String RETRIES = "spark.port.maxRetries";

  /** The setting where an executor listens for others; any free port by default. */
  static final String EXECUTOR_PORT = "spark.unroll.executor.port";

  /** The setting how many bytes are encoded at a time; 256k by default. */
  private static final String CHUNK_SIZE = "spark.unroll.chunk.size";

  private static final Logger LOG = LoggerFactory.getLogger(Transport.class);
  private static final Path MEMORY = Path.of("/dev/shm");

  /** Nobody waits for the reply to a stream. */
  private static final RpcResponseCallback NO_REPLY =
      new RpcResponseCallback() {
        @Override
        public void onSuccess(ByteBuffer response) {}

        @Override
        public void onFailure(Throwable cause) {}
      };

  private Transport() {}

  /** The address at which a driver listens for its workers, or an executor for the others. */
  record Address(String host, int port) implements Serializable {
    /** The address of a process that does not listen. */
    static final Address NOWHERE = new Address("", 0);

    int bytes() {
      return 4 + Messages.nameBytes(host);
    }

    ByteBuffer write(ByteBuffer out) {
      return Messages.putName(host, out.putInt(port));
    }

    static Address read(ByteBuffer in) {
      int port = in.getInt();
      return new Address(Messages.readName(in), port);
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** Makes connections, whose messages all go to one handler. */
  record Connector(TransportContext context, TransportClientFactory factory)
      implements AutoCloseable {
    /** Connects to a process that listens. */
    TransportClient connect(Address to) throws IOException, InterruptedException {
      return factory.createUnmanagedClient(to.host(), to.port());
    }

    /** Closes its connections too. */
    @Override
    public void close() {
      factory.close();
      context.close();
    }
  }

  /** A connection from a worker to its driver. */
  record Connection(Connector connector, TransportClient client) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
      connector.close();
    }
  }

  /** A server on the driver, or on an executor that shares sums with others. */
  record Listener(TransportContext context, TransportServer server) implements AutoCloseable {
    @Override
    public void close() {
      server.close();
      context.close();
    }
  }

  /**
   * Returns where processes of this machine share memory: where Linux keeps files in memory, unless
   * {@link ClusterRounds#SHARED_MEMORY} is false. What is to be encrypted goes over the network.
   */
  static Optional<Path> sharedFolder() {
    SparkEnv env = SparkEnv.get();
    SecurityManager security = env.securityManager();
    boolean wanted = env.conf().getBoolean(ClusterRounds.SHARED_MEMORY, true);
    boolean encrypted = security.isEncryptionEnabled() || security.isSslRpcEnabled();
    return wanted && !encrypted && Files.isWritable(MEMORY)
        ? Optional.of(MEMORY)
        : Optional.empty();
  }

  /**
   * Returns the bytes that go through shared memory at a time, while a processor's own cache holds
   * them.
   */
  static int pieceBytes() {
    return Math.min(chunkBytes(), 1 << 26) / Long.BYTES * Long.BYTES;
  }

  /** Closes the connection of somebody who cannot be understood. */
  static void drop(TransportClient client, Throwable reason) {
    LOG.warn("closing the connection of {}: {}", client.getSocketAddress(), reason.toString());
    client.getChannel().close();
  }

  /** Returns the bytes that are encoded at a time: the caches hold them until they are sent. */
  private static int chunkBytes() {
    long bytes = SparkEnv.get().conf().getSizeAsBytes(CHUNK_SIZE, "256k");
    return (int) Math.max(1 << 14, Math.min(bytes, 1 << 30));
  }

  /** Sends what {@link Exchange#send} is given over the network. */
  static void send(
      TransportClient to, ByteBuffer message, List<Segment> floats, LongAdder encoding) {
    if (Segment.bytes(floats) == 0) {
      to.send(message);
    } else {
      OutgoingFloats body = new OutgoingFloats(floats, chunkBytes(), encoding);
      to.uploadStream(new NioManagedBuffer(message), body, NO_REPLY);
    }
  }

  /**
   * Connects to a driver.
   *
   * @throws IOException with what to do if it cannot be reached
   */
  static Connection connect(Address hub, RpcHandler handler)
      throws IOException, InterruptedException {
    Connector connector = connector(handler);
    try {
      return new Connection(connector, connector.connect(hub));
    } catch (IOException | InterruptedException | RuntimeException e) {
      connector.close();
      if (e instanceof IOException) {
        throw new IOException(unreachable(hub, SparkEnv.get().conf(), e), e);
      }
      throw e;
    }
  }

  /** Returns what makes connections to processes of this application. */
  static Connector connector(RpcHandler handler) {
    SparkEnv env = SparkEnv.get();
    TransportConf conf = conf(env);
    SecurityManager security = env.securityManager();
    List<TransportClientBootstrap> bootstraps =
        security.isAuthenticationEnabled()
            ? List.of(new AuthClientBootstrap(conf, env.conf().getAppId(), security))
            : List.of();
    TransportContext context = new TransportContext(conf, handler);
    return new Connector(context, context.createClientFactory(bootstraps));
  }

  private static String unreachable(Address hub, SparkConf conf, Exception cause) {
    return ("the driver cannot be reached at %s (%s). Workers connect to this port of the"
            + " driver; open it, or name one that is open (--conf %s=%s), and see that they"
            + " reach the driver by this name (spark.driver.host)")
        .formatted(hub, cause.getMessage(), PORT, conf.getInt(PORT, 0) == 0 ? "7090" : hub.port());
  }

  /**
   * Listens where Spark's driver does, on the port {@link #PORT} or one of those behind it, up to
   * {@link #RETRIES}; on any free port by default.
   *
   * @throws ClusterException if all of these ports are taken
   */
  static Listener listen(RpcHandler handler) {
    String host = SparkEnv.get().conf().get("spark.driver.bindAddress", driverHost());
    return listen(handler, host, PORT);
  }

  /**
   * Listens on an executor for the others, as {@link #listen} does on the driver, on the port
   * {@link #EXECUTOR_PORT}.
   */
  static Listener listenOnExecutor(RpcHandler handler) {
    return listen(handler, executorHost(), EXECUTOR_PORT);
  }

  private static Listener listen(RpcHandler handler, String host, String port) {
    SparkEnv env = SparkEnv.get();
    TransportConf conf = conf(env);
    SecurityManager security = env.securityManager();
    List<TransportServerBootstrap> bootstraps =
        security.isAuthenticationEnabled()
            ? List.of(new AuthServerBootstrap(conf, security))
            : List.of();
    TransportContext context = new TransportContext(conf, handler);
    try {
      return new Listener(context, start(context, host, env.conf(), port, bootstraps));
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
  }

  /**
   * Starts a server as Spark starts its services. Its own function for that takes other arguments
   * in Spark 4.0 than in later ones.
   */
  private static TransportServer start(
      TransportContext context,
      String host,
      SparkConf conf,
      String setting,
      List<TransportServerBootstrap> bootstraps) {
    int first = conf.getInt(setting, 0);
    int retries = first == 0 ? 0 : conf.getInt(RETRIES, 16);
    for (int retry = 0; ; retry++) {
      int port = first == 0 ? 0 : Utils.userPort(first, retry);
      try {
        return context.createServer(host, port, bootstraps);
      } catch (Exception e) { // of any kind: Netty throws what it was not declared to
        if (!Utils.isBindCollision(e)) {
          throw e;
        }
        if (retry == retries) {
          throw new ClusterException(taken(host, first, port, setting, e), e);
        }
        LOG.warn("rounds cannot have port {}, so they try the next one: {}", port, e.getMessage());
      }
    }
  }

  private static String taken(String host, int first, int last, String setting, Exception cause) {
    return ("rounds cannot listen on %s at any port from %d to %d (%s); name a port that is free"
            + " (--conf %s=PORT; 0 is any), or let them try more (--conf %s=N)")
        .formatted(host, first, last, cause.getMessage(), setting, RETRIES);
  }

  /** Returns how many threads share the connections of a {@link #listen}er. */
  static int serverThreads() {
    return conf(SparkEnv.get()).serverThreads();
  }

  /** Returns the address that Spark tells its executors to find the driver at. */
  static String driverHost() {
    return SparkEnv.get().conf().get("spark.driver.host");
  }

  /** Returns the address that other executors find this one at. */
  static String executorHost() {
    return SparkEnv.get().blockManager().blockManagerId().host();
  }

  private static TransportConf conf(SparkEnv env) {
    SparkConf conf = env.conf().clone();
    String group = "spark." + MODULE + ".io.";
    conf.setIfMissing(group + "connectionCreationTimeout", "10s");
    conf.setIfMissing(group + "enableTcpKeepAlive", "true");
    return SparkTransportConf.fromSparkConf(
        conf, MODULE, 0, Option.empty(), Option.apply(env.securityManager().getRpcSSLOptions()));
  }
}
