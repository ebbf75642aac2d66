package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/** The nodes and constants of a graph while they are rewritten. Names that it makes are free in the graph. */
final class GraphEdit {
    private final Graph graph;
    private final InferredShapes shapes;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, TensorData> constants;
    private final Set<String> made = new HashSet<>();

    GraphEdit(Graph graph) {
        this.graph = graph;
        this.shapes = InferredShapes.infer(graph, 2);
        this.constants = new LinkedHashMap<>(graph.initializers());
    }

    Graph graph() {
        return graph;
    }

    long opset() {
        return graph.opset();
    }

    /** The value of that name where it is a constant, also one that a node makes from constants. */
    @Nullable
    TensorData known(String value) {
        return value.isEmpty() ? null : shapes.constant(value);
    }

    /** Whether a node reads a value, or it is an output. */
    boolean isRead(String value) {
        return !value.isEmpty()
                && (graph.isOutput(value) || !graph.consumers(value).isEmpty());
    }

    /** Whether a graph inside a node reads a value under its name. */
    boolean isCaptured(String value) {
        return graph.consumers(value).stream().anyMatch(n -> captured(n).contains(value));
    }

    /** The values that graphs inside a node read. */
    static Set<String> captured(Node n) {
        Set<String> all = new HashSet<>();
        for (Attribute a : n.attributes().values()) {
            if (a instanceof Attribute.Opaque o) {
                all.addAll(o.outerValues());
            }
        }
        return all;
    }

    /** How many axes a value has; −1 where that is not known. */
    int rank(String value) {
        TensorInfo info = value.isEmpty() ? null : shapes.info(value);
        return info == null ? -1 : info.rank();
    }

    /** The size of an axis, for two examples where it is the batch; −1 where it is not known. */
    long size(String value, int axis) {
        TensorInfo info = value.isEmpty() ? null : shapes.info(value);
        return info == null || info.rank() <= axis ? -1 : info.shape()[axis];
    }

    /** The floating-point type in which a node computes. */
    ElementType floatType(Node n) {
        List<String> values = new ArrayList<>(n.inputs());
        values.addAll(n.outputs());
        for (String v : values) {
            TensorInfo info = v.isEmpty() ? null : shapes.info(v);
            if (info != null && info.type().isFloating()) {
                return info.type();
            }
        }
        return ElementType.FLOAT;
    }

    /** A name that no value has, and that none will get. */
    String free(String base) {
        String name = graph.freshName(base);
        for (int i = 1; !made.add(name) || constants.containsKey(name); i++) {
            name = graph.freshName(base + "_" + i);
        }
        return name;
    }

    /** Adds a constant under a free name. */
    String constant(String base, TensorData value) {
        String name = free(base);
        constants.put(name, value);
        return name;
    }

    /** Adds one number of the type in which a node computes. */
    String number(Node n, double value) {
        return constant(
                n.name() + ".number", TensorData.ofDoubles(new double[] {value}).as(floatType(n)));
    }

    /** Adds integers. */
    String longs(Node n, long... values) {
        return constant(n.name() + ".sizes", TensorData.vector(values));
    }

    void keep(Node node) {
        nodes.add(node);
    }

    /** Adds a node of ONNX's own under the name of the one that it stands for, with the outputs given. */
    void replace(Node of, String op, List<String> in, List<String> out, Map<String, Attribute> attributes) {
        nodes.add(Node.of(of.name(), op, in, out, attributes));
    }

    /** Adds a node of ONNX's own with one output of a free name. */
    String add(Node of, String op, List<String> in, Map<String, Attribute> attributes) {
        String out = free(of.name() + "/" + op);
        nodes.add(Node.of(out, op, in, List.of(out), attributes));
        return out;
    }

    /** Adds a node of ONNX's own with the output of that name, which may be one that the graph had. */
    void addAs(Node of, String op, List<String> in, String out, Map<String, Attribute> attributes) {
        nodes.add(Node.of(of.name() + "/" + op, op, in, List.of(out), attributes));
    }

    void addAs(Node of, String op, List<String> in, String out) {
        addAs(of, op, in, out, Map.of());
    }

    /** Adds a Clip, or a Relu where that is the same; bounds that are infinite are left out. */
    void clip(Node of, String in, String out, double low, double high) {
        if (low == 0 && high == Double.POSITIVE_INFINITY) {
            addAs(of, "Relu", List.of(in), out);
        } else if (opset() < 11) {
            Map<String, Attribute> bounds = new LinkedHashMap<>();
            bounds.put("min", Attribute.of((float) Math.max(low, -Float.MAX_VALUE)));
            bounds.put("max", Attribute.of((float) Math.min(high, Float.MAX_VALUE)));
            addAs(of, "Clip", List.of(in), out, bounds);
        } else {
            String least = Double.isInfinite(low) ? "" : number(of, low);
            addAs(of, "Clip", Double.isInfinite(high) ? List.of(in, least) : List.of(in, least, number(of, high)), out);
        }
    }

    String add(Node of, String op, String... in) {
        return add(of, op, List.of(in), Map.of());
    }

    /** Lets a value that is there be another one's name, too. */
    void alias(Node of, String value, String name) {
        replace(of, "Identity", List.of(value), List.of(name), Map.of());
    }

    /** Adds axes of size 1. */
    String unsqueeze(Node of, String value, long... axes) {
        return opset() >= 13
                ? add(of, "Unsqueeze", value, longs(of, axes))
                : add(of, "Unsqueeze", List.of(value), Map.of("axes", Attribute.of(axes)));
    }

    String cast(Node of, String value, ElementType type) {
        return add(of, "Cast", List.of(value), Map.of("to", Attribute.of(type.onnx())));
    }

    /** The size of an axis as a value of its own. */
    String sizeOf(Node of, String value, int axis) {
        String index = constant(of.name() + ".axis", TensorData.ofLongs(new long[] {axis}));
        return add(of, "Gather", List.of(add(of, "Shape", value), index), Map.of("axis", Attribute.of(0L)));
    }

    /** The numbers from 0 to below the size of an axis. */
    String positions(Node of, String value, int axis) {
        String zero = constant(of.name() + ".zero", TensorData.ofLongs(new long[] {0}));
        String one = constant(of.name() + ".one", TensorData.ofLongs(new long[] {1}));
        return add(of, "Range", zero, sizeOf(of, value, axis), one);
    }

    /** The graph with its new nodes; operator sets that nobody uses any more are left out. */
    Graph finish() {
        Graph g = graph.with(nodes, constants);
        boolean carries = nodes.stream()
                .anyMatch(n -> n.attributes().values().stream().anyMatch(Attribute.Opaque.class::isInstance));
        if (carries) {
            return g;
        }
        Set<String> used = new HashSet<>(Set.of(""));
        nodes.forEach(n -> used.add(n.domain()));
        Map<String, Long> opsets = new LinkedHashMap<>(g.opsets());
        opsets.keySet().removeIf(d -> d.startsWith("com.microsoft") && !used.contains(d));
        return new Graph(g.name(), opsets, g.inputs(), g.outputs(), g.nodes(), g.initializers(), g.metadata());
    }
}
