package org.espalier.shrink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.graph.Attribute;
import org.espalier.graph.Axis;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.ops.NodeShrink;
import org.espalier.ops.Operator;
import org.espalier.ops.OperatorTable;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/**
 * Removes units from a graph.
 *
 * <p>A removed unit is one that no layer reads any more: its weights at all {@linkplain ChannelGroups#sites() sites} are zero. What lies
 * between the layer that makes it and those that read it acts on each unit by itself, so that deleting its channels changes no other
 * value: biases, batch normalisation, sigmoid and padding included. No constant needs to be propagated.
 */
public final class Shrinker {
    private final ChannelGroups groups;
    private final Graph graph;
    private final boolean[] kept;
    private final Map<String, List<AxisSlice>> slices = new LinkedHashMap<>();
    private final Map<String, TensorData> constants;
    /** Sites of picked inputs by node. */
    private final Map<String, ReadSite> picked = new HashMap<>();
    /** Nodes by name as changed so far, in order; inserted ones before the node that needs them. */
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    /** Names of the graph's nodes and of those inserted. */
    private final Set<String> nodeNames = new HashSet<>();

    private Shrinker(ChannelGroups groups, Graph graph, boolean[] kept) {
        this.groups = groups;
        this.graph = graph;
        this.kept = kept;
        this.constants = new LinkedHashMap<>(graph.initializers());
        graph.nodes().forEach(n -> nodeNames.add(n.name()));
        groups.sites().stream().filter(ReadSite::picked).forEach(site -> picked.put(site.node(), site));
    }

    /**
     * The graph of full size in which every unit's signal is multiplied by {@code scale[unit]} where it is read; 0
     * masks it, and normalisations do not count it either.
     *
     * @param groups the groups
     * @param graph the groups' graph, or one with the same nodes and other values of its constants
     * @param scale one factor per unit, for example the posterior mean of its multiplier, and 0 for removed ones
     * @return the graph of full size in which every unit's signal is multiplied by {@code scale[unit]} where it is
     *     read
     */
    public static Graph mask(ChannelGroups groups, Graph graph, double[] scale) {
        boolean[] kept = new boolean[scale.length];
        for (int u = 0; u < kept.length; u++) {
            kept[u] = scale[u] != 0;
        }
        return mask(groups, graph, scale, kept);
    }

    /**
     * The graph of full size in which every unit's signal is multiplied by {@code scale[unit]} where it is read, and
     * normalisations count the units that are kept. {@link #shrink} makes it smaller.
     *
     * @param groups the groups
     * @param graph the groups' graph, or one with the same nodes and other values of its constants
     * @param scale one factor per unit
     * @param kept as closed by {@link KeptUnits}
     * @return the graph of full size
     */
    public static Graph mask(ChannelGroups groups, Graph graph, double[] scale, boolean[] kept) {
        Map<String, TensorData> changed = new LinkedHashMap<>();
        for (ReadSite s : groups.sites()) {
            TensorData w = changed.getOrDefault(s.weight(), graph.initializer(s.weight()));
            if (w != null) {
                changed.put(s.weight(), scaled(w, s, scale));
            }
        }
        return KeptStatistics.of(groups, graph.withInitializers(changed), kept);
    }

    private static TensorData scaled(TensorData w, ReadSite s, double[] scale) {
        if (w.type() != ElementType.FLOAT) {
            return scaled(w.as(ElementType.FLOAT), s, scale).as(w.type());
        }
        ByteBuffer copy = ByteBuffer.allocate(w.data().remaining()).order(ByteOrder.LITTLE_ENDIAN);
        copy.put(w.data()).flip();
        FloatBuffer v = copy.asFloatBuffer();
        int inner = 1;
        for (int a = s.axis() + 1; a < w.rank(); a++) {
            inner *= (int) w.size(a);
        }
        int[] units = s.units();
        for (int i = 0; i < v.limit(); i++) {
            int u = units[i / inner % units.length];
            if (u >= 0) {
                v.put(i, (float) (v.get(i) * scale[u]));
            }
        }
        return TensorData.of(ElementType.FLOAT, copy, w.shape());
    }

    /**
     * Removes all units that {@code kept} does not keep. Weights are taken as they are: {@link #mask} first to fold
     * factors in.
     *
     * @param groups the groups
     * @param graph the groups' graph, one with the same nodes and other values of its constants, or what {@link #mask}
     *     made of it
     * @param kept as closed by {@link KeptUnits}
     * @return the smaller graph, and what it was cut from
     */
    public static Shrunk shrink(ChannelGroups groups, Graph graph, boolean[] kept) {
        // Without what a mask put around normalisations.
        boolean own = graph.nodes().size() == groups.graph().nodes().size();
        Graph plain = own ? graph : graph.with(groups.graph().nodes(), graph.initializers());
        Shrinker s = new Shrinker(groups, plain, kept);
        s.cutConstants();
        for (Node n : plain.nodes()) {
            s.cutNode(n);
        }
        Graph smaller = graph.with(new ArrayList<>(s.nodes.values()), s.constants);
        InferredShapes.infer(smaller, 2);
        return new Shrunk(smaller, s.slices, kept);
    }

    /** A node with the attributes that it has once units are gone, its inputs as they were. */
    static Node withFewer(ChannelGroups groups, Node n, boolean[] kept) {
        Shrinker s = new Shrinker(groups, groups.graph(), kept);
        NodeCut cut = s.new NodeCut(n);
        Operator op = OperatorTable.find(n);
        if (op != null) {
            op.shrink(cut);
        }
        return cut.node.withInputs(n.inputs());
    }

    private void cutConstants() {
        for (Map.Entry<String, TensorData> e : graph.initializers().entrySet()) {
            TensorData t = e.getValue();
            List<AxisSlice> cuts = new ArrayList<>();
            int[] @Nullable [] indices = new int[t.rank()][];
            for (int axis = 0; axis < t.rank(); axis++) {
                int[] stay = keptIndices(e.getKey(), axis);
                if (stay != null) {
                    indices[axis] = stay;
                    cuts.add(new AxisSlice(axis, stay));
                }
            }
            if (!cuts.isEmpty()) {
                constants.put(e.getKey(), t.take(indices));
                slices.put(e.getKey(), cuts);
            }
        }
        for (ReadSite s : groups.sites()) {
            if (s.picked()) {
                cutPicked(s);
            }
        }
    }

    /** Cuts the columns of inputs that are no longer picked from a weight that already lost those of removed channels. */
    private void cutPicked(ReadSite s) {
        int[] channels = present(s);
        int[] stay = IntStream.range(0, channels.length)
                .filter(i -> kept[s.unit(channels[i])])
                .toArray();
        TensorData w = constants.get(s.weight());
        if (stay.length < channels.length && w != null) {
            constants.put(s.weight(), w.take(s.axis(), stay));
            List<AxisSlice> cuts = new ArrayList<>(slices.getOrDefault(s.weight(), List.of()));
            cuts.add(new AxisSlice(s.axis(), stay));
            slices.put(s.weight(), cuts);
        }
    }

    /** The indices along a site's axis whose channels stay. */
    private int[] present(ReadSite s) {
        int[] stay = keptIndices(s.weight(), s.axis());
        return stay == null ? IntStream.range(0, s.length()).toArray() : stay;
    }

    /** The indices that stay along an axis of a value; null where all do. */
    private int @Nullable [] keptIndices(String value, int axis) {
        return groups.left(value, axis, kept);
    }

    private void cutNode(Node n) {
        Operator op = OperatorTable.find(n);
        NodeCut cut = new NodeCut(n);
        if (op != null && touches(n)) {
            op.shrink(cut);
        }
        nodes.put(n.name(), cut.node);
        ReadSite picks = picked.get(n.name());
        if (picks != null) {
            pickInputs(cut.node, picks);
        }
    }

    private boolean touches(Node n) {
        return n.inputs().stream().anyMatch(this::isCut) || n.outputs().stream().anyMatch(this::isCut);
    }

    private boolean isCut(String value) {
        TensorInfo info = value.isEmpty() ? null : groups.shapes().info(value);
        return info != null && IntStream.range(0, info.rank()).anyMatch(a -> keptIndices(value, a) != null);
    }

    /** Puts a Gather in front of a node, or narrows the one that is there already. */
    private void pickInputs(Node n, ReadSite s) {
        int[] present = present(s);
        int[] stay = IntStream.range(0, present.length)
                .filter(i -> kept[s.unit(present[i])])
                .toArray();
        if (stay.length == present.length) {
            return;
        }
        String data = n.input(0);
        int axis = groups.shapes().shape(data).length - 1;
        Node before = graph.producer(data);
        if (before != null
                && before.opType().equals("Gather")
                && Math.floorMod(before.getLong("axis", 0), axis + 1) == axis
                && graph.consumers(data).size() == 1
                && !graph.isOutput(data)) {
            Node narrowed = Objects.requireNonNull(nodes.get(before.name()));
            TensorData indices = constants.get(narrowed.input(1));
            if (indices != null && indices.rank() == 1) {
                String name = fresh(before.name() + ".indices");
                constants.put(name, indices.take(0, stay));
                nodes.put(before.name(), narrowed.withInput(1, name));
                return;
            }
        }
        String indices = fresh(n.name() + ".picked");
        constants.put(
                indices, TensorData.vector(Arrays.stream(stay).asLongStream().toArray()));
        String picked = fresh(n.name() + ".input");
        Node gather = Node.of(
                freshNode(n.name() + ".pick"),
                "Gather",
                List.of(data, indices),
                List.of(picked),
                Map.of("axis", Attribute.of(axis)));
        nodes.remove(n.name());
        nodes.put(gather.name(), gather);
        nodes.put(n.name(), n.withInput(0, picked));
    }

    private String fresh(String base) {
        String name = graph.freshName(base);
        return constants.containsKey(name) ? fresh(base + "_") : name;
    }

    /** A name that no node has; from now on it is taken. */
    private String freshNode(String base) {
        String name = base;
        for (int i = 1; !nodeNames.add(name); i++) {
            name = base + "_" + i;
        }
        return name;
    }

    /** One node while it is cut. */
    private final class NodeCut implements NodeShrink {
        private Node node;
        private final Map<Axis, int[]> cache = new HashMap<>();

        NodeCut(Node node) {
            this.node = node;
        }

        @Override
        public Node node() {
            return node;
        }

        @Override
        public long opset() {
            return graph.opset();
        }

        @Override
        public long[] shape(String value) {
            return groups.shapes().shape(value);
        }

        @Override
        public long[] newShape(String value) {
            long[] shape = shape(value);
            for (int a = 0; a < shape.length; a++) {
                int[] stay = kept(value, a);
                shape[a] = stay == null ? shape[a] : stay.length;
            }
            return shape;
        }

        @Override
        public int @Nullable [] kept(String value, int axis) {
            Axis key = new Axis(value, axis);
            if (!cache.containsKey(key)) {
                cache.put(key, keptIndices(value, axis));
            }
            return cache.get(key);
        }

        @Override
        public @Nullable TensorData constant(String value) {
            return groups.shapes().constant(value);
        }

        @Override
        public void setAttribute(String name, Attribute value) {
            node = node.withAttribute(name, value);
        }

        @Override
        public void removeAttribute(String name) {
            node = node.withoutAttribute(name);
        }

        @Override
        public void setInput(int i, TensorData value) {
            String name = fresh(node.name() + ".input" + i);
            constants.put(name, value);
            node = node.withInput(i, name);
        }

        @Override
        public void setEntries(int i, long[] entries) {
            long[] before = setBefore(i);
            long[] merged = entries.clone();
            for (int e = 0; before != null && e < merged.length; e++) {
                merged[e] = merged[e] < 0 ? before[e] : merged[e];
            }
            if (Arrays.equals(merged, before) || Arrays.stream(merged).allMatch(e -> e < 0)) {
                return;
            }
            String mask = fresh(node.name() + ".stays" + i);
            double[] stays =
                    Arrays.stream(merged).mapToDouble(e -> e < 0 ? 1 : 0).toArray();
            constants.put(mask, TensorData.ofDoubles(stays, stays.length).as(ElementType.BOOL));
            String numbers = fresh(node.name() + ".entries" + i);
            constants.put(numbers, TensorData.vector(merged));
            Node old = before == null ? null : graph.producer(node.input(i));
            if (old != null && graph.consumers(node.input(i)).size() == 1) {
                nodes.put(old.name(), old.withInput(0, mask).withInput(2, numbers));
                return;
            }
            String computed = old == null ? node.input(i) : old.input(1);
            String changed = fresh(node.name() + ".input" + i);
            String where = freshNode(changed);
            List<String> inputs = List.of(mask, computed, numbers);
            nodes.put(where, Node.of(where, "Where", inputs, List.of(changed), Map.of()));
            node = node.withInput(i, changed);
        }

        /** The entries of input {@code i} that are set already, −1 for the others; null where there are none. */
        private long @Nullable [] setBefore(int i) {
            Node before = graph.producer(node.input(i));
            TensorData mask = before == null || !before.opType().equals("Where") ? null : constant(before.input(0));
            TensorData numbers = mask == null || before == null ? null : constant(before.input(2));
            if (mask == null || numbers == null || !Arrays.equals(mask.shape(), numbers.shape())) {
                return null;
            }
            long[] entries = numbers.toLongs();
            for (int e = 0; e < entries.length; e++) {
                entries[e] = mask.getLong(e) == 0 ? entries[e] : -1;
            }
            return entries;
        }
    }
}
