package org.espalier.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.recipe.GroupPatterns;

/** Ordinary dropout on what layers read, as nodes that are in the graph only while it trains. */
public final class DropoutNodes {
    private DropoutNodes() {}

    /**
     * The graph with Dropout nodes in front of the layers that read units.
     *
     * @param groups its groups of units
     * @param graph the network
     * @param rates by the name or pattern of the group that is read; a layer that reads two groups gets both
     * @return the same graph where no rate is above 0
     */
    public static Graph insert(ChannelGroups groups, Graph graph, Map<String, Double> rates) {
        Map<String, List<Double>> byNode = new HashMap<>();
        for (ReadSite s : groups.sites()) {
            double rate = rate(groups, s, rates);
            if (rate > 0) {
                byNode.computeIfAbsent(s.node(), n -> new ArrayList<>()).add(rate);
            }
        }
        if (byNode.isEmpty()) {
            return graph;
        }
        List<Node> nodes = new ArrayList<>();
        Map<String, TensorData> constants = new HashMap<>(graph.initializers());
        for (Node n : graph.nodes()) {
            String data = n.input(0);
            for (double rate : byNode.getOrDefault(n.name(), List.of())) {
                data = add(graph, n, data, rate, nodes, constants);
            }
            nodes.add(n.withInput(0, data));
        }
        return graph.with(nodes, constants);
    }

    private static String add(
            Graph graph, Node n, String data, double rate, List<Node> nodes, Map<String, TensorData> constants) {
        String out = graph.freshName(n.name() + ".dropout" + nodes.size());
        if (graph.opset() < 12) {
            nodes.add(
                    Node.of(out, "Dropout", List.of(data), List.of(out), Map.of("ratio", Attribute.of((float) rate))));
            return out;
        }
        constants.put(out + ".ratio", TensorData.ofFloats(new float[] {(float) rate}));
        nodes.add(Node.of(out, "Dropout", List.of(data, out + ".ratio"), List.of(out), Map.of()));
        return out;
    }

    private static double rate(ChannelGroups groups, ReadSite s, Map<String, Double> rates) {
        OptionalInt first = Arrays.stream(s.units()).filter(u -> u >= 0).min();
        return first.isPresent()
                ? GroupPatterns.of(rates, groups.groupOf(first.getAsInt()).name(), 0)
                : 0;
    }
}
