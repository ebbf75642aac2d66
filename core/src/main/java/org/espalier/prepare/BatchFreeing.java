package org.espalier.prepare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;

/**
 * Makes the batch size of a graph free that was written for one example at a time: the first size of inputs and outputs becomes a
 * symbol, and Reshapes to a shape that starts with a literal 1 keep the batch instead.
 *
 * <p>That is done only where each example is certain to get what it got by itself: shapes are the same but for a first axis that grows with
 * the batch, and {@link ExampleIndependence every node} computes the rows along it from the same example's rows.
 */
final class BatchFreeing {
    private static final String SYMBOL = "N";

    private BatchFreeing() {}

    /**
     * Whether every input is declared with 1 as its first size.
     *
     * @param graph the network
     * @return whether every input is declared with 1 as its first size
     */
    public static boolean isFixedToOne(Graph graph) {
        return !graph.inputs().isEmpty()
                && graph.inputs().stream()
                        .allMatch(v -> v.shape() != null
                                && !v.shape().isEmpty()
                                && v.shape().get(0).size() == 1);
    }

    /**
     * The graph with a free batch size; the same graph where it is free already, or where it is not certain that examples would be treated
     * alike and apart.
     *
     * @param graph the network
     * @return the graph with a free batch size
     */
    public static Graph free(Graph graph) {
        if (!isFixedToOne(graph)) {
            return graph;
        }
        try {
            InferredShapes one = InferredShapes.infer(graph, 1);
            Graph freed = freeReshapes(withFreeInterface(graph), one);
            return keepsExamplesApart(freed, one) ? freed : graph;
        } catch (GraphException e) {
            return graph;
        }
    }

    private static Graph withFreeInterface(Graph g) {
        return new Graph(g.name(), g.opsets(), free(g.inputs()), free(g.outputs()), g.nodes(), g.initializers());
    }

    private static List<Value> free(List<Value> values) {
        List<Value> all = new ArrayList<>();
        for (Value v : values) {
            List<Dimension> dims = v.shape() == null ? null : new ArrayList<>(v.shape());
            if (dims != null && !dims.isEmpty() && dims.get(0).size() == 1) {
                dims.set(0, Dimension.symbol(SYMBOL));
            }
            all.add(new Value(v.name(), v.type(), dims, v.other()));
        }
        return all;
    }

    private static Graph freeReshapes(Graph g, InferredShapes one) {
        Map<String, TensorData> constants = new LinkedHashMap<>(g.initializers());
        List<Node> nodes = new ArrayList<>();
        for (Node n : g.nodes()) {
            TensorData target = n.opType().equals("Reshape") ? one.constant(n.input(1)) : null;
            if (target == null || target.elements() == 0 || target.getLong(0) != 1) {
                nodes.add(n);
                continue;
            }
            long[] sizes = target.toLongs();
            boolean copies = one.shape(n.input(0)).length > 0 && one.shape(n.input(0))[0] == 1;
            sizes[0] = Arrays.stream(sizes).noneMatch(d -> d == -1) ? -1 : copies ? 0 : 1;
            String name = g.freshName(n.name() + ".shape");
            constants.put(name, TensorData.vector(sizes));
            nodes.add(n.withInput(1, name));
        }
        return g.with(nodes, constants);
    }

    private static boolean keepsExamplesApart(Graph freed, InferredShapes one) {
        InferredShapes two = InferredShapes.infer(freed, 2);
        InferredShapes three = InferredShapes.infer(freed, 3);
        ExampleIndependence rows = new ExampleIndependence(freed, one, two);
        for (Node n : freed.nodes()) {
            if (!rows.keepsExamplesApart(n)) {
                return false;
            }
            for (String out : n.outputs()) {
                TensorInfo a = one.info(out);
                TensorInfo b = two.info(out);
                TensorInfo c = three.info(out);
                if (!out.isEmpty()
                        && (a == null || b == null || c == null || !scales(a.shape(), b.shape(), c.shape()))) {
                    return false;
                }
            }
        }
        return freed.outputs().stream()
                .allMatch(v -> one.shape(v.name()).length == 0 || two.shape(v.name())[0] == 2 * one.shape(v.name())[0]);
    }

    /** Whether shapes are the same, or the same but for a first size that is the batch. */
    private static boolean scales(long[] one, long[] two, long[] three) {
        if (one.length != two.length || one.length != three.length) {
            return false;
        }
        for (int a = 0; a < one.length; a++) {
            boolean same = one[a] == two[a] && one[a] == three[a];
            boolean batch = a == 0 && two[a] == 2 * one[a] && three[a] == 3 * one[a];
            if (!same && !batch) {
                return false;
            }
        }
        return true;
    }
}
