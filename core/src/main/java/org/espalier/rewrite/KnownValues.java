package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.List;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.TensorData;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/** Values that are the same whatever the inputs of a network hold, and whatever their free sizes are. */
final class KnownValues {
    private static final int[] BATCHES = {2, 3};
    /** Batch sizes that may mean something else to a network: those that it does not take are passed over. */
    private static final int[] OTHER_BATCHES = {1, 40};

    private final List<InferredShapes> probes = new ArrayList<>();

    KnownValues(Graph graph) {
        for (int batch : BATCHES) {
            probes.add(InferredShapes.infer(graph, batch, probes.isEmpty() ? null : probes.get(0)));
        }
        for (int batch : OTHER_BATCHES) {
            try {
                probes.add(InferredShapes.infer(graph, batch, probes.get(0)));
            } catch (GraphException e) {
                // Not every network takes it.
            }
        }
        probes.addAll(InferredShapes.inferOtherSizes(graph, probes.get(0)));
    }

    /** A value that is the same for all sizes of the inputs, or null. */
    @Nullable
    TensorData fixed(String value) {
        TensorData first = probes.get(0).constant(value);
        if (first != null) {
            return first;
        }
        first = probes.get(0).valueAtTheseSizes(value);
        for (InferredShapes s : probes) {
            TensorData other = s.valueAtTheseSizes(value);
            if (first == null || other == null || !first.equals(other)) {
                return null;
            }
        }
        return first;
    }
}
