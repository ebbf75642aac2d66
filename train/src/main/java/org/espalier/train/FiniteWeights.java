package org.espalier.train;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/**
 * Whether a network's weights are numbers. Minus infinity stays where it has a meaning: in the masks of attentions, in bounds and in what is
 * chosen from.
 */
final class FiniteWeights {
    /** Operators that multiply with their constants, or scale and shift by them. */
    private static final Set<String> WEIGHING = Set.of(
            "Conv",
            "ConvTranspose",
            "Gemm",
            "MatMul",
            "Einsum",
            "PRelu",
            "BatchNormalization",
            "InstanceNormalization",
            "GroupNormalization",
            "LayerNormalization",
            "RMSNormalization",
            "SimplifiedLayerNormalization");
    /** Operators that do so, or add a mask, which has an axis for queries and one for keys. */
    private static final Set<String> MASKING = Set.of("Add", "Sub", "Mul", "Div", "Sum");

    private FiniteWeights() {}

    /**
     * Checks all constants that nodes read.
     *
     * @throws IllegalArgumentException naming the first that holds a value that is no number
     */
    static void require(Graph graph) {
        for (Map.Entry<String, TensorData> e : graph.initializers().entrySet()) {
            TensorData t = e.getValue();
            List<Node> readers = graph.consumers(e.getKey());
            if (!t.type().isFloating() || readers.isEmpty()) {
                continue;
            }
            boolean infinite = readers.stream()
                    .noneMatch(n -> WEIGHING.contains(n.opType()) || (MASKING.contains(n.opType()) && t.rank() < 2));
            boolean masks = readers.stream().anyMatch(n -> MASKING.contains(n.opType()));
            float[] values = t.toFloats();
            for (int i = 0; i < values.length; i++) {
                float v = values[i];
                boolean allowed = infinite && !Float.isNaN(v) && !(masks && v > 0);
                if (!Float.isFinite(v) && !allowed) {
                    throw new IllegalArgumentException("weight '" + e.getKey() + "': values must be finite, found " + v
                            + " at position " + i + " of " + values.length);
                }
            }
        }
    }
}
