/**
 * Rounds on Spark: who takes part in one, and how parameters go out and sums come in. What is
 * computed is a {@link org.unroll.spark.rounds.ShardWork}, of which nothing is known here but the
 * {@link org.unroll.rnn.train.Learner} it opens; {@link org.unroll.spark.rounds.RoundsKind} makes
 * the rounds of any such work. The bits of a round depend on the work alone, not on the kind of
 * rounds, the workers, or who is lost on the way.
 *
 * <p>One resident round, for workers in other processes and in the driver's own:
 *
 * <pre>
 *   driver                                                          executors
 *
 *   ResidentRounds
 *     | train(window, params)       one command a process
 *     v                             parameters, states of who is new
 *   RoundHub --- Session ------ NetworkPeer === Exchange ===&gt; WorkerProcess --- WorkerLink --- WorkerShards
 *     |   |                                   (network, or         |                            Learner
 *     |   |                                    shared memory)      | JointContribution: the
 *     |   |                                                        | members' sums, added
 *     |   |                     NetworkHub  &lt;== Exchange ======= --+ as far as siblings go
 *     |   |                       | slice by slice as they come
 *     |   |                       v
 *     |   |                     ShardTree (sliced): the canonical sum
 *     |   |
 *     |   +------ Session ------ WorkerLink.Local -------------------------------------------------- WorkerShards
 *     | take()                    arrays are handed over as they are                           Learner
 *     v
 *   the sum over all shards, and where the time went
 * </pre>
 *
 * <p>The hub tells three things apart: who is present ({@code HubWorker}, by its sessions and by
 * what {@code WorkerJob} hears from Spark's scheduler), who has contributed to the round, and which
 * process has which parameters ({@code Session.Peer}). What travels is a {@code Command} or a
 * {@code Contribution}: each knows how to write itself as a message, whose floats follow as {@code
 * Segment}s.
 *
 * <p>Where executors share sums ({@code SumKind}), the middle of the picture is theirs: {@code
 * Mesh} holds an executor's connections to the others, {@code SpanRounds} adds in a {@code
 * ShardTree} what all have in the {@code Span} that it owns, and the driver's tree gets their
 * totals. {@code SharedRound} is the driver's side: such a round counts as a whole, or the driver
 * adds it after all.
 *
 * <p>A job round is the same without a hub: the parameters are broadcast, {@code RoundTask}s carry
 * out the command, {@code JobRounds} has groups of siblings add what they contribute, and a {@code
 * RoundTask.Result} is the same contribution in bytes.
 *
 * <p>The package uses {@code cluster} and {@code report}, Spark's scheduler and its network
 * library.
 */
package org.unroll.spark.rounds;
