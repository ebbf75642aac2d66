package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.onnx.Subgraph;

/**
 * An {@code If} whose condition is the same for all inputs gives way to the nodes of the branch that it takes. Values of the branch keep
 * their names where these are free; what it gives has the names that the {@code If} gave.
 */
final class IfInlining implements Rewriting {
    private static final String KIND = "branches that are never taken are left out";

    @Override
    public Graph apply(Graph graph, Notes notes) {
        if (graph.nodes().stream().noneMatch(IfInlining::isIf)) {
            return graph;
        }
        KnownValues known = new KnownValues(graph);
        Pass pass = new Pass(graph);
        for (Node n : graph.nodes()) {
            TensorData condition = isIf(n) ? known.fixed(n.input(0)) : null;
            if (condition == null || condition.elements() != 1) {
                pass.nodes.add(n);
                continue;
            }
            String branch = condition.getLong(0) != 0 ? "then_branch" : "else_branch";
            if (!(n.attributes().get(branch) instanceof Attribute.Opaque body)) {
                pass.nodes.add(n);
                continue;
            }
            pass.inline(n, Subgraph.of(body, n.label() + ": " + branch));
            notes.add(KIND, n.label() + " takes its " + branch);
        }
        return pass.changed ? graph.with(pass.nodes, pass.constants) : graph;
    }

    static boolean isIf(Node n) {
        return n.domain().isEmpty() && n.opType().equals("If");
    }

    /** The nodes and constants of one pass over a graph. */
    private static final class Pass {
        final List<Node> nodes = new ArrayList<>();
        final Map<String, TensorData> constants;
        private final Graph graph;
        private final Set<String> made = new HashSet<>();
        boolean changed;

        Pass(Graph graph) {
            this.graph = graph;
            this.constants = new LinkedHashMap<>(graph.initializers());
        }

        void inline(Node n, Subgraph branch) {
            changed = true;
            Map<String, String> names = new LinkedHashMap<>();
            List<Node> joined = new ArrayList<>();
            Set<String> computed = branch.computed();
            for (int i = 0; i < branch.outputs().size(); i++) {
                String inner = branch.outputs().get(i);
                String outer = n.output(i);
                if (outer.isEmpty()) {
                    continue;
                }
                if (computed.contains(inner) && !names.containsKey(inner)) {
                    names.put(inner, outer);
                } else {
                    joined.add(Node.of(n.name(), "Identity", List.of(inner), List.of(outer), Map.of()));
                }
            }
            Set<String> own = new HashSet<>(computed);
            own.addAll(branch.constantNames());
            own.removeAll(names.keySet());
            for (String value : own) {
                names.put(value, free(value));
            }
            constants.putAll(branch.constants(names));
            nodes.addAll(branch.nodes(names));
            joined.forEach(j -> nodes.add(j.withInput(0, names.getOrDefault(j.input(0), j.input(0)))));
        }

        private String free(String value) {
            String name = graph.freshName(value);
            for (int i = 1; !made.add(name); i++) {
                name = graph.freshName(value + "_" + i);
            }
            return name;
        }
    }
}
