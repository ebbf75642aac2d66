package org.espalier.objective;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.Value;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.espalier.torch.ops.ConstantKernels;
import org.espalier.torch.ops.KernelTable;

/**
 * What training executes of a network: what its outputs of floating-point numbers need. The rest is carried along: labels, selections of
 * boxes, texts, and all that operators compute which have no gradients.
 *
 * <p>Where a carried output does not come from such an output, the numbers that it is made of are one more: a ZipMap's probabilities, the
 * boxes and scores that a NonMaxSuppression reads, the scores below an ArgMax.
 */
public final class ExecutablePart {
    /** Operators that hold weights: behind an operator that is not executed, nothing would train them. */
    private static final Set<String> LAYERS =
            Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum", "LSTM", "GRU", "RNN", "BatchNormalization");

    private final Graph graph;
    /** Values that cannot be computed. */
    private final Set<String> blocked = new HashSet<>();

    private ExecutablePart(Graph graph) {
        this.graph = graph;
        for (Node n : graph.nodes()) {
            if (!isExecutable(n) || n.inputs().stream().anyMatch(blocked::contains)) {
                blocked.addAll(n.outputs());
            }
        }
        blocked.remove("");
    }

    /**
     * Whether an operator can be executed with gradients.
     *
     * @param n a node
     * @return true if there is a kernel for it
     */
    public static boolean isExecutable(Node n) {
        boolean own = n.domain().isEmpty() || n.domain().equals("ai.onnx");
        return own
                && (n.opType().equals("Constant")
                        ? ConstantKernels.holdsNumbers(n)
                        : KernelTable.names().contains(n.opType()));
    }

    /**
     * The part of a network that training executes.
     *
     * @param graph the network
     * @return the same inputs, the outputs of floating-point numbers that can be computed, and what they need; the network itself where
     *     that is all
     */
    public static Graph of(Graph graph) {
        List<Value> outputs = new ExecutablePart(graph).outputs();
        return outputs.size() == graph.outputs().size() || outputs.isEmpty() ? graph : graph.withOutputs(outputs);
    }

    /**
     * Whether training reaches all weights.
     *
     * @param graph the network, as {@link #withDeciders} gives it
     * @return false if there is nothing to learn from, or a layer behind an operator without gradients
     */
    public static boolean isTrainable(Graph graph) {
        ExecutablePart part = new ExecutablePart(graph);
        return !part.outputs().isEmpty() && graph.nodes().stream().noneMatch(part::isUntrainedLayer);
    }

    private List<Value> outputs() {
        return graph.outputs().stream()
                .filter(v -> v.isFloats() && !blocked.contains(v.name()))
                .toList();
    }

    private boolean isUntrainedLayer(Node n) {
        return LAYERS.contains(n.opType())
                && n.outputs().stream().anyMatch(blocked::contains)
                && n.inputs().stream().anyMatch(in -> graph.initializer(in) != null);
    }

    /**
     * The network with the numbers that carried outputs are made of as further outputs, as far as no other output of numbers is made of
     * them, too.
     *
     * @param graph the network
     * @return the network itself where there are none
     */
    public static Graph withDeciders(Graph graph) {
        ExecutablePart part = new ExecutablePart(graph);
        List<Value> trained = part.outputs();
        if (trained.size() == graph.outputs().size() || graph.nodes().stream().anyMatch(part::isUntrainedLayer)) {
            return graph;
        }
        InferredShapes shapes = InferredShapes.infer(graph, 2);
        Set<String> deciders = part.deciders(shapes);
        Set<String> above = part.ancestors(trained.stream().map(Value::name).toList());
        deciders.removeAll(above);
        for (String d : List.copyOf(deciders)) {
            Set<String> others = part.ancestors(List.of(d));
            others.remove(d);
            deciders.removeAll(others);
        }
        if (deciders.isEmpty()) {
            return graph;
        }
        List<Value> outputs = new ArrayList<>(graph.outputs());
        deciders.forEach(d -> outputs.add(new Value(d, ElementType.FLOAT, null)));
        return graph.withOutputs(outputs);
    }

    /** Floating-point values that can be computed, at which the way back from the carried outputs ends. */
    private Set<String> deciders(InferredShapes shapes) {
        Set<String> carried = new HashSet<>();
        graph.outputs().stream()
                .filter(v -> !v.isFloats() || blocked.contains(v.name()))
                .forEach(v -> carried.add(v.name()));
        Set<String> deciders = new LinkedHashSet<>();
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node n = graph.nodes().get(i);
            if (n.outputs().stream().noneMatch(carried::contains)) {
                continue;
            }
            for (String in : n.inputs()) {
                TensorInfo info = in.isEmpty() ? null : shapes.info(in);
                boolean numbers = info != null && info.type() == ElementType.FLOAT && !blocked.contains(in);
                if (numbers && graph.producer(in) != null) {
                    deciders.add(in);
                } else if (!in.isEmpty()) {
                    carried.add(in);
                }
            }
        }
        deciders.removeIf(d -> shapes.valueAtTheseSizes(d) != null);
        return deciders;
    }

    /** Values, and all that they are computed from. */
    private Set<String> ancestors(List<String> values) {
        Set<String> all = new HashSet<>(values);
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node n = graph.nodes().get(i);
            if (n.outputs().stream().anyMatch(all::contains)) {
                all.addAll(n.inputs());
            }
        }
        return all;
    }
}
