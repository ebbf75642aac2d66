package org.espalier.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.torch.ops.Kernel;
import org.espalier.torch.ops.KernelTable;
import org.espalier.torch.ops.ReluKernel;
import org.jspecify.annotations.Nullable;

/** A node ready to run: what is known about it before any pass. */
final class PassStep {
    /** Operators whose gradients do not need their result. */
    private static final Set<String> RESULT_NOT_NEEDED = Set.of("Conv", "BatchNormalization", "Gemm");

    /** Constants of more elements are weights, which are read from the device. */
    private static final int MOST_ELEMENTS = 1024;

    private final Node node;
    private final Kernel kernel;
    private final boolean inPlace;
    private final @Nullable String late;
    private final @Nullable TensorData[] constants;
    private final List<String> lastUses;

    private PassStep(Graph graph, Node node, List<String> lastUses) {
        this.node = node;
        this.kernel = KernelTable.find(node);
        this.inPlace = node.opType().equals("Relu") && lastUses.contains(node.input(0)) && isOwn(graph, node.input(0));
        this.late = ReluAfterPooling.value(graph, node);
        this.constants = new TensorData[node.inputs().size()];
        this.lastUses = lastUses;
        for (int k = 0; k < constants.length; k++) {
            TensorData value = graph.initializer(node.input(k));
            constants[k] = value != null && value.elements() <= MOST_ELEMENTS ? value : null;
        }
    }

    /** The steps of a graph, in its order. */
    static List<PassStep> of(Graph graph) {
        Map<Integer, List<String>> ends = lastUses(graph);
        List<PassStep> steps = new ArrayList<>();
        for (Node n : graph.nodes()) {
            steps.add(new PassStep(graph, n, ends.getOrDefault(steps.size(), List.of())));
        }
        return List.copyOf(steps);
    }

    /** By the number of a node, the values that no later node needs. */
    private static Map<Integer, List<String>> lastUses(Graph graph) {
        Map<String, Integer> last = new HashMap<>();
        List<Node> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            for (String in : nodes.get(i).inputs()) {
                last.put(in, i);
            }
            for (String out : nodes.get(i).outputs()) {
                last.put(out, i);
            }
        }
        for (Value v : graph.outputs()) {
            last.remove(v.name());
        }
        for (Value v : graph.inputs()) {
            last.remove(v.name());
        }
        Map<Integer, List<String>> ends = new HashMap<>();
        last.forEach((name, i) -> {
            if (!graph.initializers().containsKey(name)) {
                ends.computeIfAbsent(i, k -> new ArrayList<>()).add(name);
            }
        });
        return ends;
    }

    /** Whether one node alone reads a value, and nothing else needs it as it is. */
    private static boolean isOwn(Graph graph, String value) {
        Node maker = graph.producer(value);
        return maker != null
                && RESULT_NOT_NEEDED.contains(maker.opType())
                && graph.consumers(value).size() == 1;
    }

    Node node() {
        return node;
    }

    /** The values that no later node needs. */
    List<String> lastUses() {
        return lastUses;
    }

    /** What computes the node: a Relu may write over its input, and may have been left to the pooling after it. */
    Kernel operator(PassChanges changes) {
        if (late != null && !changes.values().containsKey(late)) {
            return ReluAfterPooling.operator(node, kernel);
        }
        boolean own = inPlace && !changes.values().containsKey(node.input(0));
        return own ? ReluKernel.IN_PLACE : kernel;
    }

    /** Inputs by position that are known before the pass and not changed in it; null elsewhere. */
    @Nullable
    TensorData[] constants(Set<String> changed) {
        @Nullable TensorData[] left = constants.clone();
        if (!Collections.disjoint(node.inputs(), changed)) {
            for (int i = 0; i < left.length; i++) {
                if (changed.contains(node.input(i))) {
                    left[i] = null;
                }
            }
        }
        return left;
    }
}
