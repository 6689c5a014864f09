// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sends what no library would. */
final class Raw {
  private Raw() {}

  static Socket open(Served served) throws IOException {
    Socket socket = new Socket("127.0.0.1", served.server.port());
    socket.setSoTimeout(120_000);
    socket.setTcpNoDelay(true);
    return socket;
  }

  /** Sends bytes and says that no more come; returns what is answered until the server closes. */
  static String ask(Served served, byte[] bytes) throws IOException {
    try (Socket socket = open(served)) {
      try {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        socket.shutdownOutput();
      } catch (IOException e) {
        // It was refused before it was whole.
      }
      return read(socket);
    }
  }

  static String ask(Served served, String text) throws IOException {
    return ask(served, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String read(Socket socket) {
    StringBuilder answer = new StringBuilder();
    byte[] piece = new byte[1 << 13];
    try {
      InputStream in = socket.getInputStream();
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        answer.append(new String(piece, 0, n, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // The server has cut it off.
    }
    return answer.toString();
  }
}
