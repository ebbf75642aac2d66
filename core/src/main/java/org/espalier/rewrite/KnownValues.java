package org.espalier.rewrite;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.shapes.InferredShapes;
import org.espalier.shapes.SizeProbes;
import org.jspecify.annotations.Nullable;

/** Values that are the same whatever the inputs of a network hold, and whatever their free sizes are. */
final class KnownValues {
    private final List<InferredShapes> probes;

    KnownValues(Graph graph) {
        probes = SizeProbes.of(graph, Map.of());
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
