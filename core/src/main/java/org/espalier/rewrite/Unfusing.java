package org.espalier.rewrite;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;

/** Operators into which ONNX Runtime's optimiser fused several become these again. A new one is one class and one line here. */
final class Unfusing implements Rewriting {
    private static final String KIND = "operators that ONNX Runtime fused are taken apart";
    private static final List<FusedOperator> ALL = List.of(
            new FusedConv(),
            new FusedGemm(),
            new FusedMatMul(),
            new FusedGelu(),
            new FusedBias(),
            new FusedNormalization(),
            new FusedEmbedding(),
            new FusedAttention(),
            new FusedMultiHeadAttention());
    private static final Map<String, FusedOperator> BY_NAME = byName();

    private static Map<String, FusedOperator> byName() {
        Map<String, FusedOperator> table = new HashMap<>();
        ALL.forEach(f -> f.names().forEach(name -> table.put(name, f)));
        return Map.copyOf(table);
    }

    @Override
    public Graph apply(Graph graph, Notes notes) {
        if (graph.nodes().stream().noneMatch(Unfusing::isFused)) {
            return graph;
        }
        GraphEdit edit = new GraphEdit(graph);
        boolean changed = false;
        for (Node n : graph.nodes()) {
            FusedOperator fused = isFused(n) ? BY_NAME.get(n.opType()) : null;
            if (fused != null && fused.unfuse(n, edit)) {
                notes.add(KIND, n.opType());
                changed = true;
            } else {
                edit.keep(n);
            }
        }
        return changed ? edit.finish() : graph;
    }

    private static boolean isFused(Node n) {
        return n.domain().equals("com.microsoft");
    }
}
