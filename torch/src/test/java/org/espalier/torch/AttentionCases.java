package org.espalier.torch;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.espalier.torch.OperatorCases.Case;

/** Attention in its forms. */
final class AttentionCases {
    private static final int OPSET = 23;

    private AttentionCases() {}

    static void add(List<Case> all) {
        all.add(OperatorCases.of(
                "Attention",
                OPSET,
                Map.of(),
                OperatorCases.shape(2, 3, 4, 5),
                OperatorCases.shape(2, 3, 6, 5),
                OperatorCases.shape(2, 3, 6, 7)));
        all.add(OperatorCases.of(
                "Attention grouped",
                OPSET,
                Map.of(),
                OperatorCases.shape(2, 6, 4, 5),
                OperatorCases.shape(2, 2, 4, 5),
                OperatorCases.shape(2, 2, 4, 3)));
        all.add(OperatorCases.of(
                "Attention flat",
                OPSET,
                Map.of("q_num_heads", Attribute.of(4L), "kv_num_heads", Attribute.of(2L)),
                OperatorCases.shape(2, 3, 12),
                OperatorCases.shape(2, 5, 6),
                OperatorCases.shape(2, 5, 8)));
        all.add(OperatorCases.of(
                "Attention causal",
                OPSET,
                Map.of("is_causal", Attribute.of(1L), "scale", Attribute.of(0.3f)),
                OperatorCases.shape(1, 2, 4, 3),
                OperatorCases.shape(1, 2, 4, 3),
                OperatorCases.shape(1, 2, 4, 3)));
        all.add(OperatorCases.of(
                "Attention capped",
                OPSET,
                Map.of("softcap", Attribute.of(0.5f)),
                OperatorCases.shape(1, 2, 4, 3),
                OperatorCases.shape(1, 2, 4, 3),
                OperatorCases.shape(1, 2, 4, 3)));
        all.add(OperatorCases.of(
                "Attention biased",
                OPSET,
                Map.of(),
                OperatorCases.shape(2, 2, 4, 3),
                OperatorCases.shape(2, 2, 5, 3),
                OperatorCases.shape(2, 2, 5, 3),
                OperatorCases.shape(2, 4, 5)));
        all.add(OperatorCases.of(
                        "Attention masked",
                        OPSET,
                        Map.of(),
                        OperatorCases.shape(1, 2, 3, 3),
                        OperatorCases.shape(1, 2, 4, 3),
                        OperatorCases.shape(1, 2, 4, 3))
                .constant("mask", flags(3, 4)));
    }

    /** Of each query all keys but one. */
    private static TensorData flags(int queries, int keys) {
        double[] flags = new double[queries * keys];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = i % keys == i / keys ? 0 : 1;
        }
        return TensorData.ofDoubles(flags, queries, keys).as(ElementType.BOOL);
    }
}
