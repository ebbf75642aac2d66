package org.espalier.cli.run;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.espalier.cost.Cost;
import org.espalier.graph.Graph;

/** How many examples go through a network at a time without filling the machine's memory. */
public final class Footprint {
    private Footprint() {}

    /** Of the machine, or of the container that the program runs in. */
    private static long memory() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    }

    /** Examples, at most those wanted, for which all values in the network, in float32, take a quarter of the memory. */
    static int inference(Graph graph, int wanted) {
        return examples(Cost.of(graph).activations() * Float.BYTES, memory() / 4, wanted);
    }

    /** Examples, at most those wanted, for which all values in the network with their gradients take half of the memory. */
    public static int training(Graph graph, int wanted) {
        return examples(Cost.of(graph).activations() * 2 * Float.BYTES, memory() / 2, wanted);
    }

    /** As many as there is room for: those wanted, or else a power of two of them, 1 at least. */
    static int examples(long bytesPerExample, long room, int wanted) {
        long most = room / Math.max(1, bytesPerExample);
        return most >= wanted ? wanted : Math.toIntExact(Long.highestOneBit(Math.max(1, most)));
    }
}
