package org.espalier.testing;

import java.util.List;
import java.util.Objects;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;

/** Graphs as an exporter writes them that was given so many examples: inputs and outputs have that batch size. */
public final class FixedBatch {
    private FixedBatch() {}

    /** The graph with this size for every free dimension of inputs and outputs. */
    public static Graph of(Graph g, long size) {
        return new Graph(
                g.name(), g.opsets(), with(g.inputs(), size), with(g.outputs(), size), g.nodes(), g.initializers());
    }

    private static List<Value> with(List<Value> values, long size) {
        return values.stream()
                .map(v -> new Value(
                        v.name(),
                        v.type(),
                        Objects.requireNonNull(v.shape()).stream()
                                .map(d -> d.isKnown() ? d : Dimension.of(size))
                                .toList()))
                .toList();
    }
}
