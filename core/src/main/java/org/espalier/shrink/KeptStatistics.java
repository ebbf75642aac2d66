package org.espalier.shrink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.ops.TensorInfo;
import org.jspecify.annotations.Nullable;

/**
 * Lets normalisations of a graph of full size take their statistics over the units that are left alone, divided by how many those are.
 *
 * <p>In front of each such node a Gather picks what is left; behind it another one brings the result to full size. At places of units that
 * are gone there stands what belongs to the first that is left: a finite number that nobody reads.
 */
final class KeptStatistics {
    private final ChannelGroups groups;
    private final Graph graph;
    private final boolean[] kept;
    private final Map<String, TensorData> constants;
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> nodeNames = new HashSet<>();
    /** Names of values that were added. */
    private final Set<String> taken = new HashSet<>();

    private KeptStatistics(ChannelGroups groups, Graph graph, boolean[] kept) {
        this.groups = groups;
        this.graph = graph;
        this.kept = kept;
        this.constants = new LinkedHashMap<>(graph.initializers());
        graph.nodes().forEach(n -> nodeNames.add(n.name()));
    }

    /**
     * The graph with such normalisations; the same graph where all units are kept or none are normalised.
     *
     * @param groups the groups
     * @param graph the groups' graph, or one with the same nodes and other values of its constants
     * @param kept per unit whether it stays
     */
    static Graph of(ChannelGroups groups, Graph graph, boolean[] kept) {
        KeptStatistics k = new KeptStatistics(groups, graph, kept);
        for (Node n : graph.nodes()) {
            k.add(n);
        }
        return k.nodes.size() == graph.nodes().size() ? graph : k.masked();
    }

    /** All constants stay, so that the graph can be made smaller: those that only a normalisation of all units reads, too. */
    private Graph masked() {
        return new Graph(
                graph.name(), graph.opsets(), graph.inputs(), graph.outputs(), nodes, constants, graph.metadata());
    }

    private void add(Node n) {
        if (!groups.normalizing().contains(n.name()) || n.inputs().stream().noneMatch(this::isCut)) {
            nodes.add(n);
            return;
        }
        List<String> inputs = n.inputs().stream().map(this::picked).toList();
        List<String> outputs = n.outputs().stream()
                .map(out -> isCut(out) ? fresh(out + ".of_kept") : out)
                .toList();
        nodes.add(Shrinker.withFewer(groups, n, kept).withInputs(inputs).withOutputs(outputs));
        for (int i = 0; i < outputs.size(); i++) {
            if (!outputs.get(i).equals(n.output(i))) {
                widen(outputs.get(i), n.output(i));
            }
        }
    }

    private boolean isCut(String value) {
        TensorInfo info = value.isEmpty() ? null : groups.shapes().info(value);
        return info != null && IntStream.range(0, info.rank()).anyMatch(a -> left(value, a) != null);
    }

    /** The indices that are left along an axis; null where all are, or none. */
    private int @Nullable [] left(String value, int axis) {
        int[] left = groups.left(value, axis, kept);
        return left == null || left.length == 0 ? null : left;
    }

    /** What is left of a value. */
    private String picked(String value) {
        if (!isCut(value)) {
            return value;
        }
        int rank = groups.shapes().shape(value).length;
        TensorData constant = graph.initializer(value);
        if (constant != null) {
            TensorData small = constant;
            for (int a = 0; a < rank; a++) {
                int[] left = left(value, a);
                small = left == null ? small : small.take(a, left);
            }
            String name = fresh(value + ".kept");
            constants.put(name, small);
            return name;
        }
        String at = value;
        for (int a = 0; a < rank; a++) {
            int[] left = left(value, a);
            at = left == null ? at : gather(at, left, a, fresh(value + ".kept"));
        }
        return at;
    }

    /** Brings a result to full size. */
    private void widen(String small, String full) {
        List<Integer> cut = IntStream.range(0, groups.shapes().shape(full).length)
                .filter(a -> left(full, a) != null)
                .boxed()
                .toList();
        String at = small;
        for (int i = 0; i < cut.size(); i++) {
            int axis = cut.get(i);
            int[] left = left(full, axis);
            int[] place = new int[(int) groups.shapes().shape(full)[axis]];
            for (int k = 0; left != null && k < left.length; k++) {
                place[left[k]] = k;
            }
            at = gather(at, place, axis, i == cut.size() - 1 ? full : fresh(full + ".widened"));
        }
    }

    private String gather(String data, int[] indices, int axis, String out) {
        String at = fresh(out + ".indices");
        constants.put(
                at, TensorData.vector(Arrays.stream(indices).asLongStream().toArray()));
        String name = out + ".pick";
        for (int i = 1; !nodeNames.add(name); i++) {
            name = out + ".pick_" + i;
        }
        Map<String, Attribute> attributes = Map.of("axis", Attribute.of((long) axis));
        nodes.add(Node.of(name, "Gather", List.of(data, at), List.of(out), attributes));
        return out;
    }

    /** A name that no value has; from now on it is taken. */
    private String fresh(String base) {
        String name = graph.freshName(base);
        for (int i = 1; constants.containsKey(name) || !taken.add(name); i++) {
            name = graph.freshName(base + "_" + i);
        }
        return name;
    }
}
