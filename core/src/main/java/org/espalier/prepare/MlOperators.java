package org.espalier.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Operators of {@code ai.onnx.ml} that stand in front of layers, written with ordinary ones that have gradients. */
final class MlOperators {
    private MlOperators() {}

    /**
     * Whether a node is a Scaler, or a Normalizer by length, of a matrix.
     *
     * @param sizes of its input; null where they are not known
     */
    static boolean isKnown(Node n, long @Nullable [] sizes) {
        if (!n.domain().equals("ai.onnx.ml") || sizes == null || sizes.length != 2) {
            return false;
        }
        boolean normalizer =
                n.opType().equals("Normalizer") && List.of("L1", "L2").contains(n.getString("norm", "MAX"));
        return normalizer || n.opType().equals("Scaler");
    }

    /**
     * Nodes that compute what such a node does.
     *
     * @param type of its input
     * @param constant adds a constant to the graph and returns its name
     */
    static List<Node> spelledOut(
            Node n, ElementType type, Graph graph, BiFunction<String, TensorData, String> constant) {
        List<Node> nodes = new ArrayList<>();
        String x = n.input(0);
        if (type != ElementType.FLOAT) {
            x = graph.freshName(n.name() + ".floats");
            Map<String, Attribute> to = Map.of("to", Attribute.of((long) ElementType.FLOAT.onnx()));
            nodes.add(Node.of(x, "Cast", List.of(n.input(0)), List.of(x), to));
        }
        if (n.opType().equals("Normalizer")) {
            long p = n.getString("norm", "MAX").equals("L1") ? 1 : 2;
            Map<String, Attribute> by = Map.of("axis", Attribute.of(1L), "p", Attribute.of(p));
            nodes.add(Node.of(n.name(), "LpNormalization", List.of(x), n.outputs(), by));
            return nodes;
        }
        String shifted = graph.freshName(n.name() + ".shifted");
        String offset = constant.apply(n.name() + ".offset", numbers(n, "offset", 0));
        String scale = constant.apply(n.name() + ".scale", numbers(n, "scale", 1));
        nodes.add(Node.of(shifted, "Sub", List.of(x, offset), List.of(shifted), Map.of()));
        nodes.add(Node.of(n.name(), "Mul", List.of(shifted, scale), n.outputs(), Map.of()));
        return nodes;
    }

    private static TensorData numbers(Node n, String attribute, float otherwise) {
        if (n.attributes().get(attribute) instanceof Attribute.OfFloats f
                && !f.values().isEmpty()) {
            float[] v = new float[f.values().size()];
            for (int i = 0; i < v.length; i++) {
                v[i] = f.values().get(i);
            }
            return TensorData.ofFloats(v, v.length);
        }
        return TensorData.ofFloats(new float[] {otherwise}, 1);
    }
}
