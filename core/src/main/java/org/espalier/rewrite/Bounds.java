package org.espalier.rewrite;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Node;

/** Between which numbers values lie, as far as that is known: what lies there already needs no Clip. */
final class Bounds {
    private static final double[] ANY = {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY};
    private static final Set<String> SHARES = Set.of("Sigmoid", "Softmax", "HardSigmoid");
    private static final Set<String> KEEPING = Set.of(
            "MaxPool",
            "AveragePool",
            "GlobalAveragePool",
            "GlobalMaxPool",
            "Reshape",
            "Transpose",
            "Flatten",
            "Squeeze",
            "Unsqueeze",
            "Identity",
            "Slice",
            "Gather",
            "Split",
            "Relu");

    private final Map<String, double[]> known = new HashMap<>();

    double[] of(String value) {
        return known.getOrDefault(value, ANY).clone();
    }

    void set(String value, double low, double high) {
        known.put(value, new double[] {low, high});
    }

    /** Notes what a node says of its outputs. */
    void see(Node n) {
        boolean padded = n.opType().equals("AveragePool") && n.getLong("count_include_pad", 0) != 0;
        if (SHARES.contains(n.opType())) {
            set(n.output(0), 0, 1);
        } else if (KEEPING.contains(n.opType()) && !padded) {
            double[] in = of(n.input(0));
            double low = n.opType().equals("Relu") ? Math.max(0, in[0]) : in[0];
            n.outputs().forEach(out -> set(out, low, Math.max(low, in[1])));
        }
    }
}
