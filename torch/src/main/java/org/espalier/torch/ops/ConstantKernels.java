package org.espalier.torch.ops;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Constant nodes. */
public final class ConstantKernels {
    private ConstantKernels() {}

    /**
     * The value of a Constant node, whichever of its attributes holds it.
     *
     * @throws GraphException if it holds none, or one that is no tensor of numbers
     */
    static TensorData value(Node node) {
        for (Attribute a : node.attributes().values()) {
            TensorData value = a.tensor();
            if (value != null) {
                return value;
            }
        }
        throw new GraphException(
                node.label() + ": must hold a dense tensor or numbers, expected attribute 'value', found "
                        + node.attributes().keySet());
    }

    /**
     * Whether a node is a Constant whose value is a tensor of numbers, not texts or a sparse tensor.
     *
     * @param n any node
     * @return true if it is
     */
    public static boolean holdsNumbers(Node n) {
        return n.opType().equals("Constant")
                && n.domain().isEmpty()
                && n.attributes().values().stream().anyMatch(a -> a.tensor() != null);
    }

    /**
     * The same graph with Constant nodes made initializers of the same names; those that are outputs stay nodes.
     *
     * @param graph the network
     * @return the same network
     */
    public static Graph lift(Graph graph) {
        List<Node> nodes = new ArrayList<>();
        Map<String, TensorData> initializers = new LinkedHashMap<>(graph.initializers());
        for (Node n : graph.nodes()) {
            if (holdsNumbers(n) && !graph.isOutput(n.output(0))) {
                initializers.put(n.output(0), value(n));
            } else {
                nodes.add(n);
            }
        }
        return nodes.size() == graph.nodes().size() ? graph : graph.with(nodes, initializers);
    }
}
