// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Shows the page of a training while it runs, at the path / of a port of this machine, and nothing
 * else. It is for this machine alone, and has two threads.
 */
public final class TrainingServer implements AutoCloseable {
  private static final int THREADS = 2;

  private final HttpServer http;
  private final ExecutorService threads;
  private final Gate gate;
  private final Supplier<byte[]> page;

  /**
   * Listens from here on.
   *
   * @param port 0 for any that is free
   * @param page as it is whenever somebody asks
   * @throws org.unroll.rnn.io.InputException if the port cannot be listened to
   */
  public TrainingServer(int port, Supplier<byte[]> page) {
    this.page = page;
    InetAddress here = InetAddress.getLoopbackAddress();
    gate = new Gate(here, null, Limits.USUAL.rate());
    http = Server.listen(new InetSocketAddress(here, port), Limits.USUAL, "--ui");
    threads =
        Executors.newFixedThreadPool(
            THREADS,
            work -> {
              Thread thread = new Thread(work, "unroll-training-page");
              thread.setDaemon(true);
              return thread;
            });
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
  }

  /** Returns the address of the page. */
  public String url() {
    return "http://127.0.0.1:%s/".formatted(http.getAddress().getPort());
  }

  /**
   * Answers a request.
   *
   * @throws IOException if the client has gone: the JDK's server forgets the connection then
   */
  private void handle(HttpExchange exchange) throws IOException {
    Call call = new Call(exchange, Limits.USUAL);
    try {
      gate.admit(call, false);
      answer(call);
    } catch (ApiException e) {
      call.refuse(e);
    }
  }

  private void answer(Call call) throws IOException {
    if (!call.path().equals("/")) {
      throw ApiException.refused(404, "not_found", "There is nothing at this path.");
    }
    if (!call.method().equals("GET") && !call.method().equals("HEAD")) {
      call.allow("GET");
      throw ApiException.refused(405, "method_not_allowed", "This path takes GET.");
    }
    call.wholePage();
    call.answer(200, "text/html; charset=utf-8", page.get());
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
