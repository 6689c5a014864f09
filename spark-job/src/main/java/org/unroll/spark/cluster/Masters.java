// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.unroll.rnn.io.InputException;

/** The URLs of Spark's masters. */
final class Masters {
  private static final Pattern URL =
      Pattern.compile("local|local\\[.+]|local-cluster\\[.+]|spark://.+|k8s://.+|yarn");
  private static final String STANDALONE = "spark://";
  private static final int CONNECT_MILLIS = 10_000;

  private Masters() {}

  /**
   * Refuses what is no master.
   *
   * @throws InputException with the forms there are
   */
  static String require(String master) {
    if (!URL.matcher(master).matches()) {
      throw new InputException(
          ("--master %s is no Spark master: give local[N], local-cluster[N,cores,MB],"
                  + " spark://host:port, yarn or k8s://url.")
              .formatted(master));
    }
    return master;
  }

  /**
   * Refuses a standalone master that nobody reaches. Spark would try for a minute, and then say
   * something else.
   *
   * @throws ClusterException if none of a URL's masters takes a connection
   */
  static void requireReachable(String master) {
    if (!master.startsWith(STANDALONE)) {
      return;
    }
    List<String> problems = new ArrayList<>();
    for (String address : master.substring(STANDALONE.length()).split(",")) {
      String problem = connect(address.strip());
      if (problem == null) {
        return;
      }
      problems.add(problem);
    }
    throw new ClusterException(
        ("No Spark master can be reached at %s (%s). Start one there (scripts/cluster"
                + " start, on this machine), or name another (--master).")
            .formatted(master, String.join("; ", problems)));
  }

  /** Returns what is wrong with an address, or null. */
  private static String connect(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 1 || !address.substring(colon + 1).matches("\\d{1,5}")) {
      throw new InputException("--master: '" + address + "' must be host:port.");
    }
    String host = address.substring(0, colon).replaceAll("[\\[\\]]", "");
    int port = Integer.parseInt(address.substring(colon + 1));
    if (port < 1 || port > 65_535) {
      throw new InputException("--master: port " + port + " is not in [1, 65535].");
    }
    InetSocketAddress socketAddress = new InetSocketAddress(host, port);
    if (socketAddress.isUnresolved()) {
      return "the name " + host + " is not known";
    }
    try (Socket socket = new Socket()) {
      socket.connect(socketAddress, CONNECT_MILLIS);
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }
}
