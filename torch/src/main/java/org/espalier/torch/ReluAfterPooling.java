package org.espalier.torch;

import java.util.Arrays;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.torch.ops.Kernel;
import org.espalier.torch.ops.ReluKernel;
import org.jspecify.annotations.Nullable;

/**
 * Relu taken after max pooling instead of before: the same results and the same gradients, from a fraction of the
 * numbers. In a VGG-like network nearly half of what Relu reads, forward and backward, is pooled next.
 */
final class ReluAfterPooling {
    private ReluAfterPooling() {}

    /**
     * The value that a Relu makes for max pooling alone, where pooling may come first.
     *
     * @param n the Relu or the pooling; for other nodes, and where order matters, the result is null
     */
    static @Nullable String value(Graph graph, Node n) {
        String value =
                switch (n.opType()) {
                    case "Relu" -> n.output(0);
                    case "MaxPool" -> n.input(0);
                    default -> "";
                };
        Node maker = graph.producer(value);
        if (maker == null || !maker.opType().equals("Relu") || graph.isOutput(value)) {
            return null;
        }
        return graph.consumers(value).size() == 1
                        && isPooling(graph.consumers(value).get(0))
                ? value
                : null;
    }

    /**
     * Whether it is max pooling with a number in each window, which then is larger than the infinity that it is
     * padded with.
     */
    private static boolean isPooling(Node n) {
        long[] window = n.getLongs("kernel_shape");
        long[] pads = n.getLongs("pads");
        long[] dilations = n.getLongs("dilations");
        return n.opType().equals("MaxPool")
                && n.outputs().size() == 1
                && window != null
                && n.getLong("ceil_mode", 0) == 0
                && (pads == null
                        || Arrays.stream(pads).max().orElse(0)
                                < Arrays.stream(window).min().orElse(0))
                && (dilations == null || Arrays.stream(dilations).allMatch(d -> d == 1));
    }

    /** What a node with such a value does: Relu nothing yet, and pooling Relu as well. */
    static Kernel operator(Node n, Kernel own) {
        return n.opType().equals("Relu")
                ? Kernel.of(call -> call.in(0))
                : Kernel.of(call -> ReluKernel.inPlace(call, own.run(call)[0]));
    }
}
