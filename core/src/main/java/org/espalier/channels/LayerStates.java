package org.espalier.channels;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;

/**
 * What can be pruned of each layer that multiplies, and why not more.
 *
 * @param groups the groups of the network
 */
public record LayerStates(ChannelGroups groups) {
    /** What a layer can lose. */
    public enum Kind {
        /** Units of its own, and what it reads of others. */
        PRUNABLE,
        /** Only inputs, with the units that others lose. */
        INPUTS,
        /** Nothing. */
        STAYS
    }

    /**
     * One layer.
     *
     * @param node its node
     * @param macs its multiply-accumulates
     * @param kind what it can lose
     * @param reason why its own units stay; empty where they do not
     */
    public record Layer(Node node, long macs, Kind kind, String reason) {}

    /**
     * The layers of the network, in its order.
     *
     * @param shapes at which multiply-accumulates are counted
     * @return one for each node that multiplies
     */
    public List<Layer> layers(InferredShapes shapes) {
        Map<String, String> reasons = new HashMap<>();
        groups.frozen().forEach(f -> reasons.putIfAbsent(f.value(), kindOf(f.reason())));
        List<Layer> layers = new ArrayList<>();
        for (Node n : groups.graph().nodes()) {
            long macs = shapes.macs(n);
            if (macs > 0) {
                boolean own = n.outputs().stream().anyMatch(this::hasUnits);
                boolean reads = n.inputs().stream().anyMatch(this::hasUnits) || groups.firstPickedInput(n.name()) >= 0;
                layers.add(new Layer(
                        n,
                        macs,
                        own ? Kind.PRUNABLE : reads ? Kind.INPUTS : Kind.STAYS,
                        own ? "" : reason(n, reasons)));
            }
        }
        return layers;
    }

    private boolean hasUnits(String value) {
        TensorInfo info = value.isEmpty() ? null : groups.shapes().info(value);
        for (int a = 0; info != null && a < info.rank(); a++) {
            if (groups.unitsOf(value, a) != null) {
                return true;
            }
        }
        return false;
    }

    /** The reason on the way from a layer to those that read it, or at the layer's own weights. */
    private String reason(Node layer, Map<String, String> reasons) {
        Graph graph = groups.graph();
        Deque<Node> next = new ArrayDeque<>(List.of(layer));
        Set<String> seen = new HashSet<>();
        while (!next.isEmpty()) {
            Node n = next.remove();
            for (String out : n.outputs()) {
                if (reasons.containsKey(out)) {
                    return reasons.get(out);
                }
                graph.consumers(out).stream().filter(r -> seen.add(r.name())).forEach(next::add);
            }
        }
        for (String in : layer.inputs()) {
            if (reasons.containsKey(in)) {
                return reasons.get(in);
            }
        }
        return "its units are tied to others that stay";
    }

    /**
     * A reason without the name of the node that it is about, so that alike reasons are one.
     *
     * @param reason as {@link FrozenUnits} has it
     * @return what it says of any such node
     */
    public static String kindOf(String reason) {
        return reason.replaceAll("(^|(?<= ))([A-Z]\\w+) '[^']*' ", "$2 ");
    }
}
