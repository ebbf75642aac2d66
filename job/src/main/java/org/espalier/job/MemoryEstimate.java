package org.espalier.job;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Function;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.objective.InputMatch;
import org.espalier.shapes.Cost;

/** How many examples go through a network at a time without filling the machine's memory. */
public final class MemoryEstimate {
    private MemoryEstimate() {}

    /** Of the machine, or of the container that the program runs in. */
    private static long memory() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    }

    /** Examples, at most those wanted, for which all values in the network, in float32, take a quarter of the memory. */
    static int inference(Graph graph, DataSet data, int wanted) {
        return examples(bytes(graph, data), memory() / 4, wanted);
    }

    /**
     * Estimates how many examples can be trained on at a time, when the values of a pass and their gradients may take
     * half of the memory.
     *
     * @param graph the network
     * @param data the examples
     * @param wanted the most that is asked for
     * @return {@code wanted}, or the largest power of two that fits, at least 1
     */
    public static int training(Graph graph, DataSet data, int wanted) {
        return examples(2 * bytes(graph, data), memory() / 2, wanted);
    }

    /** Of all values that the network computes for one example of the data's size. */
    private static long bytes(Graph graph, DataSet data) {
        return cost(graph, data).activations() * Float.BYTES;
    }

    /** What one example of the data costs; where the batch is fixed, what so many cost. */
    static Cost cost(Graph graph, DataSet data) {
        return ofSized(graph, data, Cost::of);
    }

    private static <T> T ofSized(Graph graph, DataSet data, Function<Graph, T> cost) {
        try {
            return cost.apply(InputMatch.sized(graph, data));
        } catch (IllegalArgumentException e) {
            throw new InputException("network '" + graph.name() + "': " + e.getMessage(), e);
        }
    }

    /**
     * Counts multiply-accumulates.
     *
     * @param graph the network
     * @param data says how large an example is
     * @return multiply-accumulates for one example
     */
    public static long macs(Graph graph, DataSet data) {
        return ofSized(graph, data, Cost::macsPerExample);
    }

    /** As many as there is room for: those wanted, or else a power of two of them, 1 at least. */
    static int examples(long bytesPerExample, long room, int wanted) {
        long most = room / Math.max(1, bytesPerExample);
        return most >= wanted ? wanted : Math.toIntExact(Long.highestOneBit(Math.max(1, most)));
    }
}
