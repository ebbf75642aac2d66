package org.espalier.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.Tensor;
import org.espalier.graph.Value;

/**
 * Makes the batch size of a graph free that was written for one example at a time: the first size of inputs and outputs becomes a
 * symbol, and Reshapes to a shape that starts with a literal 1 keep the batch instead.
 */
public final class BatchFreeing {
    private static final String SYMBOL = "N";

    private BatchFreeing() {}

    /** Whether every input is declared with 1 as its first size. */
    public static boolean isFixedToOne(Graph graph) {
        return !graph.inputs().isEmpty()
                && graph.inputs().stream()
                        .allMatch(v -> v.shape() != null
                                && !v.shape().isEmpty()
                                && v.shape().get(0).size() == 1);
    }

    /**
     * The graph with a free batch size; the same graph where it is free already, or where examples would no longer be treated alike: some
     * value's shape is not the batch size followed by what it was.
     */
    public static Graph free(Graph graph) {
        if (!isFixedToOne(graph)) {
            return graph;
        }
        try {
            Shapes one = Shapes.infer(graph, 1);
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
            all.add(new Value(v.name(), v.type(), dims));
        }
        return all;
    }

    private static Graph freeReshapes(Graph g, Shapes one) {
        Map<String, Tensor> constants = new LinkedHashMap<>(g.initializers());
        List<Node> nodes = new ArrayList<>();
        for (Node n : g.nodes()) {
            Tensor target = n.opType().equals("Reshape") ? one.constant(n.input(1)) : null;
            if (target == null || target.elements() == 0 || target.getLong(0) != 1) {
                nodes.add(n);
                continue;
            }
            long[] sizes = target.toLongs();
            boolean copies = one.shape(n.input(0)).length > 0 && one.shape(n.input(0))[0] == 1;
            sizes[0] = Arrays.stream(sizes).noneMatch(d -> d == -1) ? -1 : copies ? 0 : 1;
            String name = g.freshName(n.name() + ".shape");
            constants.put(name, Tensor.vector(sizes));
            nodes.add(n.withInput(1, name));
        }
        return g.with(nodes, constants);
    }

    private static boolean keepsExamplesApart(Graph freed, Shapes one) {
        Shapes two = Shapes.infer(freed, 2);
        Shapes three = Shapes.infer(freed, 3);
        for (Node n : freed.nodes()) {
            if (mixesRows(n, freed, one, two) || dropsRows(n, one, two)) {
                return false;
            }
            for (String out : n.outputs()) {
                TensorInfo a = one.info(out);
                TensorInfo b = two.info(out);
                TensorInfo c = three.info(out);
                if (a != null && (b == null || c == null)) {
                    return false;
                }
                if (a != null && b != null && c != null && !scales(a.shape(), b.shape(), c.shape())) {
                    return false;
                }
            }
        }
        return freed.outputs().stream()
                .allMatch(v -> one.info(v.name()) == null
                        || one.shape(v.name()).length == 0
                        || two.shape(v.name())[0] == 2 * one.shape(v.name())[0]);
    }

    /** Whether a node takes rows of one example, the first, for all others: by constant bounds, indices or sizes. */
    private static boolean dropsRows(Node n, Shapes one, Shapes two) {
        if (n.opType().equals("Shape") || n.opType().equals("Size")) {
            return false;
        }
        boolean indexed = n.opType().startsWith("Scatter") || n.opType().equals("GatherND");
        boolean reads = n.inputs().stream().anyMatch(in -> grows(in, one, two));
        boolean makes = n.outputs().stream().anyMatch(out -> grows(out, one, two) || one.info(out) == null);
        return indexed ? grows(n.input(0), one, two) && !grows(n.input(1), one, two) : reads && !makes;
    }

    private static boolean grows(String value, Shapes one, Shapes two) {
        TensorInfo a = value.isEmpty() ? null : one.info(value);
        TensorInfo b = value.isEmpty() ? null : two.info(value);
        return a != null && b != null && a.shape().length > 0 && b.shape().length > 0 && a.shape()[0] < b.shape()[0];
    }

    /** Whether a node computes along a first axis that grows with the batch. */
    private static boolean mixesRows(Node n, Graph g, Shapes one, Shapes two) {
        TensorInfo a = one.info(n.input(0));
        TensorInfo b = two.info(n.input(0));
        if (a == null || b == null || a.shape().length == 0 || a.shape()[0] == b.shape()[0]) {
            return false;
        }
        int rank = a.shape().length;
        return switch (n.opType()) {
            case "BatchNormalization" -> n.getLong("training_mode", 0) != 0;
            case "Softmax", "LogSoftmax", "Hardmax" -> Axes.of(n.getLong("axis", g.opset() < 13 ? 1 : -1), rank) == 0;
            case "ArgMax", "ArgMin" -> Axes.of(n.getLong("axis", 0), rank) == 0;
            case "LayerNormalization", "LpNormalization", "TopK" -> Axes.of(n.getLong("axis", -1), rank) == 0;
            case "CumSum" -> {
                Tensor axis = one.constant(n.input(1));
                yield axis == null || Axes.of(axis.getLong(0), rank) == 0;
            }
            default -> n.opType().startsWith("Reduce") && reducesRows(n, one, rank);
        };
    }

    private static boolean reducesRows(Node n, Shapes one, int rank) {
        long[] axes = n.getLongs("axes");
        if (axes == null && n.hasInput(1)) {
            Tensor given = one.constant(n.input(1));
            axes = given == null ? new long[] {0} : given.toLongs();
        }
        if (axes == null || axes.length == 0) {
            return n.getLong("noop_with_empty_axes", 0) == 0;
        }
        return Axes.contains(Axes.of(axes, rank), 0);
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
