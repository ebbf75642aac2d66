package org.espalier.job;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;

/**
 * Outputs of a network that floating-point numbers decide: labels by ArgMax, rounded pictures, boxes that survive a selection. Where two
 * scores are nearly equal, rounding errors give another label, and that is no fault; so two networks are compared by the numbers that decide.
 *
 * @param by the names of the values that decide each such output; outputs that are computed without a decision are left out
 */
record DecidedOutputs(Map<String, Set<String>> by) {
    /** Operators whose outputs jump where their inputs change a little. */
    private static final Set<String> JUMPS = Set.of(
            "ArgMax",
            "ArgMin",
            "TopK",
            "Round",
            "Floor",
            "Ceil",
            "Sign",
            "Mod",
            "Greater",
            "GreaterOrEqual",
            "Less",
            "LessOrEqual",
            "Equal",
            "NonZero",
            "NonMaxSuppression",
            "Unique",
            "Hardmax",
            "OneHot",
            "QuantizeLinear",
            "DynamicQuantizeLinear",
            "IsNaN",
            "IsInf");

    /** Finds them. */
    static DecidedOutputs of(Graph graph) {
        InferredShapes shapes = InferredShapes.infer(graph, 2);
        Map<String, Set<String>> deciders = new HashMap<>();
        for (Node n : graph.nodes()) {
            Set<String> earlier = new LinkedHashSet<>();
            for (String input : n.inputs()) {
                earlier.addAll(deciders.getOrDefault(input, Set.of()));
            }
            // What is decided already is decided by the first numbers; later ones jump with them.
            if (earlier.isEmpty() && jumps(n, graph, shapes)) {
                for (String input : n.inputs()) {
                    if (isComputedFloat(input, graph, shapes)) {
                        earlier.add(input);
                    }
                }
            }
            if (!earlier.isEmpty()) {
                n.outputs().forEach(output -> deciders.put(output, earlier));
            }
        }
        Map<String, Set<String>> by = new LinkedHashMap<>();
        for (Value output : graph.outputs()) {
            Set<String> values = deciders.get(output.name());
            if (values != null) {
                by.put(output.name(), values);
            }
        }
        return new DecidedOutputs(by);
    }

    private static boolean jumps(Node n, Graph graph, InferredShapes shapes) {
        if (JUMPS.contains(n.opType())) {
            return true;
        }
        // Casting a float to an integer cuts what is behind the point.
        TensorInfo out = n.outputs().isEmpty() ? null : shapes.info(n.output(0));
        return n.opType().equals("Cast")
                && isComputedFloat(n.input(0), graph, shapes)
                && (out == null || !out.type().isFloating());
    }

    private static boolean isComputedFloat(String value, Graph graph, InferredShapes shapes) {
        if (value.isEmpty() || graph.producer(value) == null) {
            return false;
        }
        TensorInfo info = shapes.info(value);
        return info != null && info.type().isFloating();
    }

    /** Whether all of these are decided. */
    boolean hasAll(List<String> outputs) {
        return by.keySet().containsAll(outputs);
    }

    /** The values that decide some outputs. */
    Set<String> of(List<String> outputs) {
        Set<String> values = new LinkedHashSet<>();
        outputs.forEach(o -> values.addAll(by.getOrDefault(o, Set.of())));
        return values;
    }

    /** A graph that gives some of its values, and nothing else. */
    static Graph giving(Graph graph, Set<String> values) {
        InferredShapes shapes = InferredShapes.infer(graph, 2);
        List<Value> outputs = new ArrayList<>();
        for (String value : values) {
            TensorInfo info = shapes.info(value);
            outputs.add(new Value(value, info == null ? ElementType.FLOAT : info.type(), null));
        }
        Map<String, TensorData> constants = graph.initializers();
        return new Graph(
                graph.name(), graph.opsets(), graph.inputs(), outputs, graph.nodes(), constants, graph.metadata());
    }
}
