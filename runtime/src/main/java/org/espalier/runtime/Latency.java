package org.espalier.runtime;

import ai.onnxruntime.OrtException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.espalier.graph.TensorData;

/**
 * How long several networks take for one batch.
 *
 * <p>Networks take turns (A B A B …), several executions a turn so that each finds its own data in the caches. What slows the machine down
 * for a while slows all of them down, and the ratio, the median over rounds of one round's ratio, hardly moves.
 *
 * @param batch examples per execution
 * @param timings one per network, in the order given
 */
public record Latency(int batch, List<Timing> timings) {
    private static final Duration TURN = Duration.ofMillis(5);
    private static final int FEWEST_ROUNDS = 3;
    private static final int MOST_ROUNDS = 400;
    private static final int LARGEST_TURN = 10_000;

    /**
     * Copies the list.
     *
     * @param batch examples per execution
     * @param timings one per network
     */
    public Latency {
        timings = List.copyOf(timings);
    }

    /**
     * One network's time per execution.
     *
     * @param medianMillis median over rounds
     * @param lowMillis first quartile
     * @param highMillis third quartile
     * @param speedup the first network's time by this one's: median over rounds; 1 for the first
     * @param throughput examples per second at the median
     */
    public record Timing(double medianMillis, double lowMillis, double highMillis, double speedup, double throughput) {}

    /**
     * Times networks at one batch size, on inputs drawn by chance.
     *
     * @param sessions open networks; with one thread each if ratios are to be compared with published ones
     * @param batch examples per execution
     * @param sizes sizes of free dimensions other than the batch, by symbol
     * @param budget how long to measure each network, warm-up left out
     * @return the timings, in the sessions' order
     * @throws InferenceException if a network does not take that batch size
     */
    public static Latency measure(List<OnnxSession> sessions, int batch, Map<String, Integer> sizes, Duration budget) {
        return measure(sessions, batch, s -> Inputs.random(s.inputs(), batch, sizes, 1), budget);
    }

    /**
     * Times networks on given inputs.
     *
     * @param sessions open networks
     * @param batch how many examples the inputs hold
     * @param inputs the inputs of a network, by name
     * @param budget how long to measure each network, warm-up left out
     * @return the timings, in the sessions' order
     */
    public static Latency measure(
            List<OnnxSession> sessions,
            int batch,
            Function<OnnxSession, Map<String, TensorData>> inputs,
            Duration budget) {
        if (sessions.isEmpty()) {
            throw new IllegalArgumentException("latency: expected at least one network, found none");
        }
        List<Turn> turns = new ArrayList<>();
        try {
            for (OnnxSession s : sessions) {
                turns.add(new Turn(s, inputs.apply(s)));
            }
            for (Turn t : turns) {
                t.warmUp(Math.min(budget.toNanos() / 4, Duration.ofMillis(300).toNanos()));
            }
            return new Latency(batch, timings(batch, rounds(turns, budget.toNanos() * turns.size())));
        } finally {
            turns.forEach(Turn::close);
        }
    }

    /** Nanoseconds per execution, by round and network. */
    private static double[][] rounds(List<Turn> turns, long budget) {
        List<double[]> rounds = new ArrayList<>();
        long end = System.nanoTime() + budget;
        while (rounds.size() < FEWEST_ROUNDS || (System.nanoTime() < end && rounds.size() < MOST_ROUNDS)) {
            rounds.add(turns.stream().mapToDouble(Turn::run).toArray());
        }
        return rounds.toArray(double[][]::new);
    }

    private static List<Timing> timings(int batch, double[][] rounds) {
        List<Timing> timings = new ArrayList<>();
        for (int k = 0; k < rounds[0].length; k++) {
            int model = k;
            double[] millis =
                    Arrays.stream(rounds).mapToDouble(r -> r[model] * 1e-6).toArray();
            double[] ratios =
                    Arrays.stream(rounds).mapToDouble(r -> r[0] / r[model]).toArray();
            double median = quantile(millis, 0.5);
            timings.add(new Timing(
                    median,
                    quantile(millis, 0.25),
                    quantile(millis, 0.75),
                    quantile(ratios, 0.5),
                    batch * 1000 / median));
        }
        return timings;
    }

    /** Between order statistics, linearly. */
    static double quantile(double[] values, double p) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double position = p * (sorted.length - 1);
        int low = (int) position;
        int high = Math.min(low + 1, sorted.length - 1);
        return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
    }

    /** One network between the others. */
    private static final class Turn implements AutoCloseable {
        private final OnnxSession session;
        private final OnnxSession.Feed feed;
        private int executions = 1;

        Turn(OnnxSession session, Map<String, TensorData> inputs) {
            this.session = session;
            try {
                this.feed = session.feed(inputs);
            } catch (OrtException e) {
                throw InferenceException.failed(session.name(), e);
            }
        }

        void warmUp(long nanos) {
            long start = System.nanoTime();
            int done = 0;
            while (done < 2 || System.nanoTime() - start < nanos) {
                execute();
                done++;
            }
            double each = (System.nanoTime() - start) / (double) done;
            executions = (int) Math.max(1, Math.min(LARGEST_TURN, TURN.toNanos() / each));
        }

        /** Nanoseconds per execution; the first of several executions of a turn fills the caches and is not counted. */
        double run() {
            if (executions > 1) {
                execute();
            }
            long start = System.nanoTime();
            for (int i = 0; i < executions; i++) {
                execute();
            }
            return (System.nanoTime() - start) / (double) executions;
        }

        private void execute() {
            try {
                session.execute(feed);
            } catch (OrtException e) {
                throw InferenceException.failed(session.name(), e);
            }
        }

        @Override
        public void close() {
            feed.close();
        }
    }
}
