package org.espalier.shapes;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.ops.TensorInfo;

/**
 * What one execution of a network costs at batch size 1, or at its own where that is fixed.
 *
 * @param parameters floating-point constants
 * @param macs multiply-accumulates of convolutions and matrix products, an Einsum that sums products among them; additions of biases,
 *     activations and pooling count nothing, as in the published tables
 * @param activations elements of all values that nodes compute
 * @param macsPerNode multiply-accumulates of each node that has any, by name
 */
public record Cost(long parameters, long macs, long activations, Map<String, Long> macsPerNode) {
    /**
     * The cost of a graph at the sizes that {@link InferredShapes#infer(Graph, int)} takes for free dimensions.
     *
     * @param graph the network
     * @return the cost of a graph at the sizes that {@link InferredShapes#infer(Graph, int)} takes for free
     *     dimensions
     */
    public static Cost of(Graph graph) {
        InferredShapes shapes = InferredShapes.infer(graph, 1);
        Cost cost = of(graph, shapes);
        int batch = BatchRule.of(graph, shapes).multiple();
        return batch == 1 ? cost : cost.dividedBy(batch);
    }

    /** What one of several examples costs. */
    private Cost dividedBy(int examples) {
        Map<String, Long> perNode = new LinkedHashMap<>(macsPerNode);
        perNode.replaceAll((name, macs) -> macs / examples);
        return new Cost(parameters, macs / examples, activations / examples, perNode);
    }

    /**
     * Multiply-accumulates of one example; where the batch is fixed, its share of them.
     *
     * @param graph the network
     * @return multiply-accumulates of one example
     */
    public static long macsPerExample(Graph graph) {
        return of(graph).macs() / Math.max(1, Value.fixedBatch(graph.inputs()));
    }

    /**
     * The cost of a graph at given shapes.
     *
     * @param graph the network
     * @param shapes the shapes at which it is looked at
     * @return the cost of a graph at given shapes
     */
    public static Cost of(Graph graph, InferredShapes shapes) {
        long parameters = parameters(graph);
        Map<String, Long> perNode = new LinkedHashMap<>();
        long macs = 0;
        long activations = 0;
        for (Node n : graph.nodes()) {
            long m = shapes.macs(n);
            macs = sum(macs, m, "multiply-accumulates");
            if (m > 0) {
                perNode.put(n.name(), m);
            }
            for (String out : n.outputs()) {
                TensorInfo info = shapes.info(out);
                activations = sum(activations, info == null ? 0 : info.elements(), "activations");
            }
        }
        return new Cost(parameters, macs, activations, perNode);
    }

    /**
     * Floating-point constants of a graph, those that stand in Constant nodes among them.
     *
     * @param graph the network
     * @return how many numbers they hold
     */
    public static long parameters(Graph graph) {
        long parameters = 0;
        for (TensorData t : graph.initializers().values()) {
            parameters += t.type().isFloating() ? t.elements() : 0;
        }
        for (Node n : graph.nodes()) {
            for (Attribute a : n.opType().equals("Constant") ? n.attributes().values() : List.<Attribute>of()) {
                TensorData t = a.tensor();
                parameters += t != null && t.type().isFloating() ? t.elements() : 0;
            }
        }
        return parameters;
    }

    private static long sum(long a, long b, String what) {
        try {
            return Math.addExact(a, b);
        } catch (ArithmeticException e) {
            throw new GraphException(what + " must be fewer than 2^63 in all", e);
        }
    }
}
