package org.espalier.channels;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        Map<String, String> behind = reasonsBehind(reasons);
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
                        own ? "" : reason(n, reasons, behind)));
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

    /** For each node the first reason on the way to those that read it, by the node's name; none where there is none. */
    private Map<String, String> reasonsBehind(Map<String, String> reasons) {
        Graph graph = groups.graph();
        Map<String, String> behind = new HashMap<>();
        List<Node> nodes = graph.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node n = nodes.get(i);
            String found = null;
            for (String out : n.outputs()) {
                found = found == null ? reasons.get(out) : found;
            }
            for (String out : n.outputs()) {
                for (Node reader : found == null ? graph.consumers(out) : List.<Node>of()) {
                    found = found == null ? behind.get(reader.name()) : found;
                }
            }
            if (found != null) {
                behind.put(n.name(), found);
            }
        }
        return behind;
    }

    /** The reason behind a layer, or at its own weights. */
    private static String reason(Node layer, Map<String, String> reasons, Map<String, String> behind) {
        String found = behind.get(layer.name());
        for (String in : layer.inputs()) {
            found = found == null ? reasons.get(in) : found;
        }
        return found == null ? "its units are tied to others that stay" : found;
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
