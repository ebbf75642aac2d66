package org.espalier.channels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.ops.Operator;
import org.espalier.ops.OperatorTable;
import org.espalier.ops.UnitRelations;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/** The units on each axis of each value, in a union-find; filled node by node by the operators. */
final class UnitTable implements UnitRelations {
    /** The unit of all indices that always stay. */
    private static final int FROZEN = 0;
    /** Stands for an axis without units, as opposed to one about which nothing was said yet. */
    private static final int[] PLAIN = {};

    /** A sum over an axis of data and weight. */
    record Contraction(Node node, String data, int dataAxis, String weight, int weightAxis, boolean selectable) {}

    private record Axis(String value, int axis) {}

    /** Units on an axis of a constant that no computed value brought to the node. */
    private record Made(Node node, Axis axis, int[] units) {}

    private final Graph graph;
    private final InferredShapes shapes;
    private final Map<String, int[][]> units = new HashMap<>();
    private final Set<Axis> merged = new HashSet<>();
    private final List<Contraction> contractions = new ArrayList<>();
    private final List<Made> made = new ArrayList<>();
    private final List<FrozenUnits> frozen = new ArrayList<>();
    private final Set<Axis> mentioned = new HashSet<>();
    private int[] parent = new int[1024];
    private int count = 1;
    private Node node;

    private UnitTable(Graph graph, InferredShapes shapes) {
        this.graph = graph;
        this.shapes = shapes;
        this.node = Node.of("start", "Start", List.of(), List.of(), Map.of());
    }

    static UnitTable of(Graph graph, InferredShapes shapes, LayerSelection selection) {
        UnitTable t = new UnitTable(graph, shapes);
        graph.inputs().forEach(v -> t.settle(v.name()));
        graph.nodes().forEach(t::relate);
        graph.outputs().forEach(v -> t.freeze(v.name(), "is an output of the network"));
        t.freezeMixedWeights();
        t.leaveAlone(selection);
        return t;
    }

    private void leaveAlone(LayerSelection selection) {
        Set<Axis> read = new HashSet<>();
        contractions.forEach(c -> read.add(new Axis(c.weight(), c.weightAxis())));
        for (Contraction c : contractions) {
            if (!selection.only().test(c.node())) {
                freezeConstant(c.weight(), read, LayerSelection.REASON);
            }
        }
        for (Made m : made) {
            if (!selection.only().test(m.node())) {
                freezeUnits(m.axis().value(), m.axis().axis(), m.units(), LayerSelection.REASON);
            }
        }
        for (Node n : graph.nodes()) {
            if (selection.except().test(n)) {
                n.inputs().forEach(in -> freezeConstant(in, Set.of(), LayerSelection.REASON));
            }
        }
    }

    /** Notes the units that begin at a node: those of its constants, but for constants that only scale or shift what others made. */
    private void noteMade(Node n) {
        if (n.inputs().stream().allMatch(in -> graph.initializer(in) == null)) {
            return;
        }
        Set<Integer> brought = new HashSet<>();
        for (String in : n.inputs()) {
            if (graph.initializer(in) == null) {
                forEachAxis(in, (axis, ids) -> Arrays.stream(ids).forEach(u -> brought.add(find(u))));
            }
        }
        for (String in : n.inputs()) {
            if (graph.initializer(in) != null) {
                forEachAxis(in, (axis, ids) -> {
                    int[] own = Arrays.stream(ids)
                            .filter(u -> !isFrozen(u) && !brought.contains(find(u)))
                            .toArray();
                    if (own.length > 0) {
                        made.add(new Made(n, axis, own));
                    }
                });
            }
        }
    }

    private void forEachAxis(String value, BiConsumer<Axis, int[]> visitor) {
        int[][] axes = units.getOrDefault(value, new int[0][]);
        for (int a = 0; a < axes.length; a++) {
            if (axes[a] != null) {
                visitor.accept(new Axis(value, a), axes[a]);
            }
        }
    }

    private void freezeConstant(String value, Set<Axis> but, String reason) {
        TensorData t = graph.initializer(value);
        for (int a = 0; t != null && a < t.rank(); a++) {
            if (!but.contains(new Axis(value, a))) {
                freeze(value, a, reason);
            }
        }
    }

    /** A weight that another node uses otherwise than by summing over the same axis cannot be multiplied along that axis. */
    private void freezeMixedWeights() {
        Map<String, Map<String, Integer>> axisByNode = new HashMap<>();
        Set<Axis> read = new LinkedHashSet<>();
        for (Contraction c : contractions) {
            read.add(new Axis(c.weight(), c.weightAxis()));
            axisByNode
                    .computeIfAbsent(c.weight(), w -> new HashMap<>())
                    .put(c.node().name(), c.weightAxis());
        }
        for (Axis r : read) {
            Map<String, Integer> axes = axisByNode.getOrDefault(r.value(), Map.of());
            graph.consumers(r.value()).stream()
                    .filter(n -> !Integer.valueOf(r.axis()).equals(axes.get(n.name())))
                    .findFirst()
                    .ifPresent(n -> freeze(r.value(), r.axis(), n.label() + " uses the same weight in another way"));
        }
    }

    /** Says of all axes about which nothing was said that they carry no units. */
    private void settle(String value) {
        if (!value.isEmpty() && shapes.info(value) != null) {
            int[][] axes = slot(value);
            for (int a = 0; a < axes.length; a++) {
                axes[a] = axes[a] == null ? PLAIN : axes[a];
            }
        }
    }

    private void relate(Node n) {
        node = n;
        mentioned.clear();
        Operator op = OperatorTable.find(n);
        String unknown = null;
        for (String v : concat(n.inputs(), n.outputs())) {
            unknown = unknown == null ? shapes.unknown(v) : unknown;
        }
        if (op == null || unknown != null) {
            String reason = op == null ? "operator '" + n.opType() + "' is not known" : String.valueOf(unknown);
            n.inputs().forEach(in -> freeze(in, reason));
            n.inputs().forEach(this::settle);
        } else {
            try {
                op.relate(this);
            } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
                throw new GraphException(
                        n.label() + ": sizes or attributes do not fit its inputs: " + e.getMessage(), e);
            }
            n.inputs().forEach(in -> freezeUnmentioned(n, in));
            noteMade(n);
        }
        n.outputs().forEach(this::settle);
        for (Attribute a : n.attributes().values()) {
            if (a instanceof Attribute.Opaque o) {
                o.outerValues().forEach(v -> freeze(v, n.label() + " reads it inside a subgraph"));
                o.outerValues().forEach(this::settle);
            }
        }
    }

    private void freezeUnmentioned(Node n, String in) {
        if (in.isEmpty() || shapes.info(in) == null) {
            return;
        }
        int[][] axes = slot(in);
        for (int a = 0; a < axes.length; a++) {
            if (!mentioned.contains(new Axis(in, a))) {
                freeze(in, a, n.label() + " takes the axis as a whole");
            }
        }
        settle(in);
    }

    private static List<String> concat(List<String> a, List<String> b) {
        List<String> all = new ArrayList<>(a);
        all.addAll(b);
        all.removeIf(String::isEmpty);
        return all;
    }

    // ---- what operators say

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
        return shapes.shape(value);
    }

    @Override
    public @Nullable TensorData constant(String value) {
        return shapes.constant(value);
    }

    @Override
    public int frozenUnit() {
        return FROZEN;
    }

    @Override
    public void mention(String value, int axis) {
        mentioned.add(new Axis(value, axis));
    }

    @Override
    public int freshUnit() {
        return fresh(1)[0];
    }

    @Override
    public List<Node> consumers(String value) {
        return graph.consumers(value);
    }

    @Override
    public boolean isOutput(String value) {
        return graph.isOutput(value);
    }

    @Override
    public int @Nullable [] units(String value, int axis) {
        mentioned.add(new Axis(value, axis));
        int[] ids = slot(value)[axis];
        TensorData constant = ids == null ? graph.initializer(value) : null;
        if (constant != null) {
            // Whatever sizes an empty one claims, there is nothing to remove.
            ids = constant.elements() == 0 ? PLAIN : fresh(Math.toIntExact(constant.size(axis)));
            slot(value)[axis] = ids;
        }
        return ids == PLAIN ? null : ids;
    }

    private int[][] slot(String value) {
        return units.computeIfAbsent(value, v -> new int[shapes.shape(v).length][]);
    }

    private int[] fresh(int size) {
        int[] ids = new int[size];
        for (int i = 0; i < size; i++) {
            if (count == parent.length) {
                parent = Arrays.copyOf(parent, 2 * count);
            }
            parent[count] = count;
            ids[i] = count++;
        }
        return ids;
    }

    @Override
    public void assign(String value, int axis, int[] ids) {
        int[] old = units(value, axis);
        if (old == null && slot(value)[axis] == null) {
            slot(value)[axis] = ids.clone();
            return;
        }
        if (old == null) {
            freezeUnits(value, axis, ids, joinsWhatStays(value));
            return;
        }
        for (int i = 0; i < ids.length; i++) {
            unite(ids[i], old[i]);
        }
    }

    private String joinsWhatStays(String value) {
        return node.label()
                + (graph.isInput(value) ? " reads the network's input" : " joins it with what always stays");
    }

    @Override
    public void same(String a, int axisA, String b, int axisB) {
        int[] ids = units(a, axisA);
        if (ids == null) {
            plain(b, axisB);
        } else {
            assign(b, axisB, ids);
            if (merged.contains(new Axis(a, axisA))) {
                markMerged(b, axisB);
            }
        }
    }

    private void plain(String value, int axis) {
        mentioned.add(new Axis(value, axis));
        int[] old = slot(value)[axis];
        if (old == null) {
            slot(value)[axis] = PLAIN;
        } else if (old != PLAIN) {
            freezeUnits(value, axis, old, joinsWhatStays(value));
        }
    }

    @Override
    public void select(String from, int axisFrom, String to, int axisTo, int[] index) {
        int[] source = units(from, axisFrom);
        if (source == null) {
            plain(to, axisTo);
            return;
        }
        int[] ids = new int[index.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = index[i] < 0 ? FROZEN : source[index[i]];
        }
        assign(to, axisTo, ids);
    }

    @Override
    public void contract(String data, int dataAxis, String weight, int weightAxis, boolean selectable) {
        mentioned.add(new Axis(data, dataAxis));
        mentioned.add(new Axis(weight, weightAxis));
        if (graph.initializer(weight) == null) {
            freeze(data, dataAxis, node.label() + " reads it through a weight that is computed");
            return;
        }
        contractions.add(new Contraction(node, data, dataAxis, weight, weightAxis, selectable));
    }

    @Override
    public void markMerged(String value, int axis) {
        merged.add(new Axis(value, axis));
    }

    @Override
    public boolean isMerged(String value, int axis) {
        return merged.contains(new Axis(value, axis));
    }

    @Override
    public void freeze(String value, String reason) {
        if (!value.isEmpty() && shapes.info(value) != null) {
            int[][] axes = slot(value);
            for (int a = 0; a < axes.length; a++) {
                freeze(value, a, reason);
            }
        }
    }

    @Override
    public void freeze(String value, int axis, String reason) {
        mentioned.add(new Axis(value, axis));
        int[] ids = slot(value)[axis];
        if (ids == null) {
            slot(value)[axis] = PLAIN;
        } else {
            freezeUnits(value, axis, ids, reason);
        }
    }

    private void freezeUnits(String value, int axis, int[] ids, String reason) {
        int live = 0;
        for (int u : ids) {
            live += find(u) == FROZEN ? 0 : 1;
            unite(u, FROZEN);
        }
        if (live > 0) {
            frozen.add(new FrozenUnits(value, axis, live, reason));
        }
    }

    @Override
    public void unite(int a, int b) {
        int p = find(a);
        int q = find(b);
        // The smaller number stays the root, so that 0 (frozen) always does.
        parent[Math.max(p, q)] = Math.min(p, q);
    }

    // ---- what came out

    /** The representative of a unit. */
    int find(int u) {
        int x = u;
        while (parent[x] != x) {
            parent[x] = parent[parent[x]];
            x = parent[x];
        }
        return x;
    }

    boolean isFrozen(int u) {
        return find(u) == FROZEN;
    }

    /** The units along an axis, or null where it has none. */
    int @Nullable [] axisUnits(String value, int axis) {
        int[][] axes = units.get(value);
        int[] ids = axes == null ? null : axes[axis];
        return ids == PLAIN ? null : ids;
    }

    List<Contraction> contractions() {
        return contractions;
    }

    List<FrozenUnits> frozen() {
        return frozen;
    }

    int count() {
        return count;
    }
}
