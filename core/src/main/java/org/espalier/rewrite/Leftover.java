package org.espalier.rewrite;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.Value;

/**
 * What is left in a network that is in no plain form, and what to do about it.
 *
 * @param kind what it is
 * @param text one line for people
 * @param inputs for a branch, inputs of one number on which it depends
 */
public record Leftover(Kind kind, String text, List<String> inputs) {
    /** Kinds of what is left. */
    public enum Kind {
        /** A branch that is not decided. */
        BRANCH,
        /** A loop. */
        LOOP,
        /** Quantised numbers. */
        QUANTISED,
        /** An operator of ONNX Runtime's own. */
        FUSED
    }

    /**
     * Copies the list.
     *
     * @param kind what it is
     * @param text one line for people
     * @param inputs for a branch, inputs of one number on which it depends
     */
    public Leftover {
        inputs = List.copyOf(inputs);
    }

    /**
     * Looks for the first that is left.
     *
     * @param graph the network, after {@link Rewritten}
     * @return what is left and what to do; empty for a network in plain operators
     */
    public static Optional<Leftover> first(Graph graph) {
        String quantised = Dequantising.reason(graph);
        if (quantised != null) {
            return Optional.of(new Leftover(
                    Kind.QUANTISED,
                    "is quantised in a way that cannot be read in floats (" + quantised
                            + "); prune the float network that it was made from, then quantise again",
                    List.of()));
        }
        Map<String, Integer> fused = new LinkedHashMap<>();
        for (Node n : graph.nodes()) {
            if (n.domain().startsWith("com.microsoft")) {
                fused.merge(n.domain() + "." + n.opType() + " (node '" + n.name() + "')", 1, Integer::sum);
            }
        }
        if (!fused.isEmpty()) {
            return Optional.of(new Leftover(
                    Kind.FUSED,
                    "has operators of ONNX Runtime's own that cannot be taken apart, first "
                            + fused.keySet().iterator().next()
                            + "; export without ONNX Runtime's optimisation, or prune the network from before it",
                    List.of()));
        }
        return graph.nodes().stream()
                .filter(n ->
                        n.domain().isEmpty() && Set.of("If", "Loop", "Scan").contains(n.opType()))
                .findFirst()
                .map(n -> IfInlining.isIf(n) ? branch(graph, n) : loop(n));
    }

    private static Leftover loop(Node n) {
        return new Leftover(
                Kind.LOOP,
                n.label()
                        + ": loops are not trained; export with the loop unrolled for a fixed number of steps, or as LSTM,"
                        + " GRU or RNN where it is a recurrent layer",
                List.of());
    }

    private static Leftover branch(Graph graph, Node n) {
        Set<String> sources = sources(graph, n.input(0));
        List<String> numbers = graph.inputs().stream()
                .filter(v -> sources.contains(v.name()) && isOneNumber(v))
                .map(Value::name)
                .toList();
        String why;
        if (!numbers.isEmpty()) {
            why = "its condition depends on input '" + String.join("', '", numbers)
                    + "'; give that input a fixed value, which chooses a branch for good";
        } else if (sources.isEmpty()) {
            why = "its condition is not known; export the network with the branch decided";
        } else {
            why = "its condition depends on the sizes or values of input '" + String.join("', '", sources)
                    + "'; export the network for fixed sizes, or with the branch decided";
        }
        return new Leftover(Kind.BRANCH, n.label() + ": " + why, numbers);
    }

    private static boolean isOneNumber(Value v) {
        return v.shape() != null && v.shape().stream().allMatch(d -> d.size() == 1);
    }

    /** The inputs from which a value is computed. */
    private static Set<String> sources(Graph graph, String value) {
        Set<String> inputs = new LinkedHashSet<>();
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(value));
        while (!open.isEmpty()) {
            String at = open.pop();
            if (at.isEmpty() || !seen.add(at)) {
                continue;
            }
            if (graph.isInput(at)) {
                inputs.add(at);
            }
            Node producer = graph.producer(at);
            if (producer != null) {
                open.addAll(producer.inputs());
                open.addAll(GraphEdit.captured(producer));
            }
        }
        return inputs;
    }
}
