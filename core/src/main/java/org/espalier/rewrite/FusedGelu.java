package org.espalier.rewrite;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;

/**
 * Gelu and BiasGelu: x·Φ(x), of a sum for the latter. FastGelu: the same with tanh in place of erf, of a sum where there is a bias. QuickGelu:
 * x·sigmoid(αx). From operator set 20 on the first three are ONNX's own Gelu.
 */
final class FusedGelu implements FusedOperator {
    private static final long FIRST_GELU = 20;

    @Override
    public List<String> names() {
        return List.of("Gelu", "BiasGelu", "FastGelu", "QuickGelu");
    }

    @Override
    public boolean unfuse(Node n, GraphEdit g) {
        String x = n.hasInput(1) ? g.add(n, "Add", n.input(0), n.input(1)) : n.input(0);
        boolean tanh = n.opType().equals("FastGelu");
        if (n.opType().equals("QuickGelu")) {
            String gate = g.add(n, "Sigmoid", times(n, x, n.getFloat("alpha", 1.702f), g));
            g.replace(n, "Mul", List.of(x, gate), n.outputs(), Map.of());
        } else if (g.opset() >= FIRST_GELU) {
            Map<String, Attribute> how = Map.of("approximate", Attribute.of(tanh ? "tanh" : "none"));
            g.replace(n, "Gelu", List.of(x), n.outputs(), how);
        } else {
            String inner = tanh ? tanh(n, x, g) : g.add(n, "Erf", times(n, x, Math.sqrt(0.5), g));
            String gate = times(n, g.add(n, "Add", inner, g.number(n, 1)), 0.5, g);
            g.replace(n, "Mul", List.of(x, gate), n.outputs(), Map.of());
        }
        return true;
    }

    /** tanh(√(2/π)·(x + 0.044715·x³)) */
    private static String tanh(Node n, String x, GraphEdit g) {
        String square = g.add(n, "Mul", x, x);
        String factor = g.add(n, "Add", times(n, square, 0.044715, g), g.number(n, 1));
        return g.add(n, "Tanh", times(n, g.add(n, "Mul", x, factor), Math.sqrt(2 / Math.PI), g));
    }

    private static String times(Node n, String x, double factor, GraphEdit g) {
        return g.add(n, "Mul", x, g.number(n, factor));
    }
}
