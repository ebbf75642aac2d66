package org.espalier.rewrite;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * Quantised networks in floats: weights are the floats that their integers stand for, values are not rounded any more, but still cut off
 * where the integers end. All of a network or nothing; a new operator is one class and one line here.
 */
final class Dequantising implements Rewriting {
    private static final String KIND = "the file is quantised and read in floats; prune this, then quantise again";
    private static final List<QuantisedOperator> ALL = List.of(
            new LinearQuantisation(),
            new QLinearLayers(),
            new QLinearElements(),
            new IntegerProducts(),
            new QuantisedTransformer());
    private static final Map<String, QuantisedOperator> BY_NAME = byName();

    private static Map<String, QuantisedOperator> byName() {
        Map<String, QuantisedOperator> table = new HashMap<>();
        ALL.forEach(q -> q.names().forEach(name -> table.put(name, q)));
        return Map.copyOf(table);
    }

    @Override
    public Graph apply(Graph graph, Notes notes) {
        try {
            return isQuantised(graph) ? inFloats(graph, n -> notes.add(KIND, n.opType())) : graph;
        } catch (NotInFloats e) {
            return graph;
        }
    }

    /** Why a quantised network is not in floats; null where it is, or can be. */
    static @Nullable String reason(Graph graph) {
        try {
            if (isQuantised(graph)) {
                inFloats(graph, n -> {});
            }
            return null;
        } catch (NotInFloats e) {
            return e.getMessage();
        }
    }

    /** Whether a node computes with quantised numbers, other than to quantise an output of the network. */
    private static boolean isQuantised(Graph graph) {
        return graph.nodes().stream()
                .anyMatch(n -> operator(n) != null
                        && !(n.opType().equals("QuantizeLinear")
                                && graph.isOutput(n.output(0))
                                && graph.consumers(n.output(0)).isEmpty()));
    }

    private static @Nullable QuantisedOperator operator(Node n) {
        boolean known = n.domain().isEmpty() || n.domain().equals("com.microsoft");
        return known ? BY_NAME.get(n.opType()) : null;
    }

    private static Graph inFloats(Graph graph, Consumer<Node> seen) {
        FloatForm f = new FloatForm(new GraphEdit(graph));
        for (Node n : graph.nodes()) {
            QuantisedOperator op = operator(n);
            if (op != null) {
                op.dequantise(n, f);
            } else if (!PassedOn.passOn(n, f)) {
                f.keep(n);
            }
        }
        Graph floats = f.finish();
        graph.nodes().stream().filter(n -> operator(n) != null).forEach(seen);
        return floats;
    }
}
