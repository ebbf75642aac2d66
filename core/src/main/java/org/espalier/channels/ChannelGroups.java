package org.espalier.channels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/**
 * The prunable units of a graph: numbered from 0, gathered into groups, with the places where they are read.
 *
 * <p>Follows the graph once; time and memory grow linearly with nodes and channels.
 */
public final class ChannelGroups {
    private static final int STAYS = -1;

    private final Graph graph;
    private final InferredShapes shapes;
    private final LayerSelection selection;
    private final UnitTable table;
    private final List<ChannelGroup> groups = new ArrayList<>();
    private final List<ReadSite> sites = new ArrayList<>();
    /** Unit number of each representative in the table, or STAYS. */
    private final int[] number;
    /** First unit of the inputs that a node may pick one by one. */
    private final Map<String, Integer> pickedInputs = new HashMap<>();

    private final Map<String, int[][]> numbered = new ConcurrentHashMap<>();
    private int size;

    private ChannelGroups(Graph graph, InferredShapes shapes, LayerSelection selection) {
        this.graph = graph;
        this.shapes = shapes;
        this.selection = selection;
        this.table = UnitTable.of(graph, shapes, selection);
        this.number = new int[table.count()];
        Arrays.fill(number, STAYS);
    }

    /** Finds the groups of a graph. Free dimensions of its inputs are looked at with a batch of 2. */
    public static ChannelGroups of(Graph graph) {
        return of(graph, LayerSelection.ALL);
    }

    /** Finds the groups of a graph of which only some layers may lose units. */
    public static ChannelGroups of(Graph graph, LayerSelection selection) {
        return of(graph, InferredShapes.infer(graph, 2), selection);
    }

    /** Finds the groups of a graph at given shapes. */
    public static ChannelGroups of(Graph graph, InferredShapes shapes, LayerSelection selection) {
        ChannelGroups g = new ChannelGroups(graph, shapes, selection);
        g.build();
        return g;
    }

    private void build() {
        boolean[] read = new boolean[table.count()];
        for (UnitTable.Contraction c : table.contractions()) {
            for (int u : orEmpty(table.axisUnits(c.weight(), c.weightAxis()))) {
                read[table.find(u)] = true;
            }
        }
        Map<String, UnitTable.Contraction> picks = new HashMap<>();
        for (UnitTable.Contraction c : table.contractions()) {
            if (isPickable(c)) {
                picks.put(c.node().name(), c);
            }
        }
        Signatures signatures = new Signatures(read);
        for (Node n : graph.nodes()) {
            UnitTable.Contraction pick = picks.get(n.name());
            if (pick != null) {
                signatures.addPick(pick);
            }
            for (String in : n.inputs()) {
                signatures.addConstant(n, in);
            }
            signatures.addMacs(n);
        }
        signatures.number();
        addSites();
    }

    private void addSites() {
        Set<String> done = new HashSet<>();
        for (UnitTable.Contraction c : table.contractions()) {
            int[] units = table.axisUnits(c.weight(), c.weightAxis());
            if (units != null
                    && Arrays.stream(units).anyMatch(u -> number[table.find(u)] >= 0)
                    && done.add(c.weight() + "[" + c.weightAxis())) {
                sites.add(new ReadSite(c.node().name(), c.weight(), c.weightAxis(), numbers(units), false));
            }
            Integer first = pickedInputs.get(c.node().name());
            if (first != null) {
                int[] own = new int[(int) shapes.shape(c.weight())[c.weightAxis()]];
                Arrays.setAll(own, i -> first + i);
                sites.add(new ReadSite(c.node().name(), c.weight(), c.weightAxis(), own, true));
            }
        }
    }

    /** Whether single inputs of a node can be picked: nobody else reads its weight, and the axis is an input's or was merged. */
    private boolean isPickable(UnitTable.Contraction c) {
        boolean alone = graph.consumers(c.weight()).size() == 1 && !graph.isOutput(c.weight());
        boolean free = table.axisUnits(c.data(), c.dataAxis()) == null || table.isMerged(c.data(), c.dataAxis());
        return c.selectable() && alone && free && selection.includes(c.node());
    }

    private static int[] orEmpty(int @Nullable [] units) {
        return units == null ? new int[0] : units;
    }

    private int[] numbers(int[] tableUnits) {
        return Arrays.stream(tableUnits).map(u -> number[table.find(u)]).toArray();
    }

    /** Sorts units by the set of constants' axes that make them; readers do not tell them apart. */
    private final class Signatures {
        private final boolean[] read;
        private final int[] state = new int[number.length];
        private final int[] lastPlace = new int[number.length];
        private final Map<Long, Integer> trie = new HashMap<>();
        private final List<String> places = new ArrayList<>();
        /** State {@code s} is state {@code before[s]} with one more place; state 0 has none. */
        private final List<Integer> before = new ArrayList<>(List.of(0));

        private final List<Integer> placeAdded = new ArrayList<>(List.of(-1));
        /** First units of groups in the order in which the graph shows them; picks by node name, units by number. */
        private final List<Object> order = new ArrayList<>();

        private final Map<Integer, Node> firstNode = new HashMap<>();
        private final double[] macs = new double[number.length];
        private final Set<String> readPlaces = new HashSet<>();
        /** By node name. */
        private final Map<String, List<UnitTable.Contraction>> contractions = new HashMap<>();

        Signatures(boolean[] read) {
            this.read = read;
            Arrays.fill(lastPlace, -1);
            for (UnitTable.Contraction c : table.contractions()) {
                readPlaces.add(c.weight() + "[" + c.weightAxis() + "]");
                contractions
                        .computeIfAbsent(c.node().name(), k -> new ArrayList<>())
                        .add(c);
            }
        }

        void addPick(UnitTable.Contraction c) {
            order.add(c);
        }

        void addConstant(Node n, String constant) {
            TensorData t = graph.initializer(constant);
            if (t == null || !graph.consumers(constant).get(0).name().equals(n.name())) {
                return;
            }
            for (int axis = 0; axis < t.rank(); axis++) {
                int[] units = orEmpty(table.axisUnits(constant, axis));
                String place = constant + "[" + axis + "]";
                if (units.length == 0 || readPlaces.contains(place)) {
                    continue;
                }
                places.add(place);
                for (int u : units) {
                    int root = table.find(u);
                    if (isPrunable(root) && lastPlace[root] != places.size() - 1) {
                        visit(root, places.size() - 1, n);
                    }
                }
            }
        }

        private boolean isPrunable(int root) {
            return !table.isFrozen(root) && read[root];
        }

        /**
         * Adds what a node saves in multiply-accumulates when a unit goes, to each unit along its output's axes and along those over which it
         * sums: the share of the axis; where a unit lies on several, of each what the others leave.
         */
        void addMacs(Node n) {
            double cost = (double) shapes.macs(n) / batchSize();
            if (cost > 0) {
                Map<Integer, Double> left = new HashMap<>();
                for (int[] axis : multiplied(n)) {
                    Map<Integer, Integer> counts = new HashMap<>();
                    Arrays.stream(axis).forEach(u -> counts.merge(table.find(u), 1, Integer::sum));
                    counts.forEach((root, count) -> {
                        double before = left.getOrDefault(root, cost);
                        double saved = before * count / axis.length;
                        left.put(root, before - saved);
                        macs[root] += saved;
                    });
                }
            }
        }

        /** The units on the axes whose sizes are factors of a node's cost. */
        private List<int[]> multiplied(Node n) {
            List<int[]> axes = new ArrayList<>();
            String out = n.output(0);
            for (int axis = 0; axis < shapes.shape(out).length; axis++) {
                axes.add(orEmpty(table.axisUnits(out, axis)));
            }
            for (UnitTable.Contraction c : contractions.getOrDefault(n.name(), List.of())) {
                axes.add(orEmpty(table.axisUnits(c.weight(), c.weightAxis())));
            }
            return axes;
        }

        private void visit(int root, int place, Node n) {
            if (!firstNode.containsKey(root)) {
                firstNode.put(root, n);
                order.add(root);
            }
            lastPlace[root] = place;
            long key = ((long) state[root] << 32) | place;
            Integer next = trie.get(key);
            if (next == null) {
                next = before.size();
                before.add(state[root]);
                placeAdded.add(place);
                trie.put(key, next);
            }
            state[root] = next;
        }

        private List<String> places(int last) {
            List<String> all = new ArrayList<>();
            for (int s = last; s != 0; s = before.get(s)) {
                all.add(places.get(placeAdded.get(s)));
            }
            Collections.reverse(all);
            return all;
        }

        void number() {
            Map<Object, List<Integer>> members = new LinkedHashMap<>();
            for (Object o : order) {
                if (o instanceof Integer root) {
                    members.computeIfAbsent(state[root], k -> new ArrayList<>()).add(root);
                } else {
                    members.put(o, List.of());
                }
            }
            members.forEach((key, roots) -> {
                if (key instanceof UnitTable.Contraction c) {
                    addPicked(c);
                } else {
                    int first = roots.get(0);
                    String name = Objects.requireNonNull(firstNode.get(first)).name();
                    double each =
                            roots.stream().mapToDouble(u -> macs[u]).average().orElse(0);
                    groups.add(new ChannelGroup(
                            name, ChannelGroup.Kind.CHANNELS, size, roots.size(), each, places(state[first])));
                    for (int root : roots) {
                        number[root] = size++;
                    }
                }
            });
        }

        private void addPicked(UnitTable.Contraction c) {
            int features = (int) shapes.shape(c.weight())[c.weightAxis()];
            double each = (double) shapes.macs(c.node()) / features / batchSize();
            pickedInputs.put(c.node().name(), size);
            groups.add(new ChannelGroup(
                    c.node().name() + ".in",
                    ChannelGroup.Kind.INPUTS,
                    size,
                    features,
                    each,
                    List.of(c.weight() + "[" + c.weightAxis() + "]")));
            size += features;
        }
    }

    /** The size of the first input's first axis where that is free, by which multiply-accumulates are divided. */
    private long batchSize() {
        List<Dimension> declared =
                graph.inputs().isEmpty() ? null : graph.inputs().get(0).shape();
        if (declared == null || declared.isEmpty() || declared.get(0).isKnown()) {
            return 1;
        }
        return Math.max(1, shapes.shape(graph.inputs().get(0).name())[0]);
    }

    public Graph graph() {
        return graph;
    }

    public InferredShapes shapes() {
        return shapes;
    }

    /** The groups in the order in which the graph shows them; their units are numbered one after the other. */
    public List<ChannelGroup> groups() {
        return Collections.unmodifiableList(groups);
    }

    /** How many prunable units there are. */
    public int units() {
        return size;
    }

    /**
     * The group that a unit belongs to.
     *
     * @param unit 0 to {@link #units()} − 1
     * @throws IllegalArgumentException if there is no such unit
     */
    public ChannelGroup groupOf(int unit) {
        return groups.stream()
                .filter(g -> unit >= g.offset() && unit < g.offset() + g.size())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "unit: must exist, expected 0 to " + (size - 1) + ", found " + unit));
    }

    /** Where units are read. A weight with two sites (channels, and picked inputs) is multiplied by both. */
    public List<ReadSite> sites() {
        return Collections.unmodifiableList(sites);
    }

    /** What stays, and why. */
    public List<FrozenUnits> frozen() {
        return table.frozen();
    }

    /** Unit numbers along an axis of a value, −1 for indices that always stay; null where all do. Must not be changed. */
    public int @Nullable [] unitsOf(String value, int axis) {
        return numbered.computeIfAbsent(value, this::numberAxes)[axis];
    }

    private int[][] numberAxes(String value) {
        TensorInfo info = shapes.info(value);
        int[][] axes = new int[info == null ? 0 : info.rank()][];
        for (int a = 0; a < axes.length; a++) {
            int[] units = table.axisUnits(value, a);
            int[] numbers = units == null ? null : numbers(units);
            axes[a] = numbers == null || Arrays.stream(numbers).allMatch(u -> u < 0) ? null : numbers;
        }
        return axes;
    }

    /** First unit of the inputs that a node may pick one by one, or −1 where it cannot. */
    public int firstPickedInput(String nodeName) {
        return pickedInputs.getOrDefault(nodeName, STAYS);
    }

    /** Unit counts per group, by group name: {@link #count} of all units. */
    public Map<String, Integer> sizes() {
        boolean[] all = new boolean[size];
        Arrays.fill(all, true);
        return count(all);
    }

    /** Unit counts per group, by group name, of those with {@code kept[unit]}. */
    public Map<String, Integer> count(boolean[] kept) {
        Map<String, Integer> counts = new TreeMap<>();
        Map<String, Integer> ordered = new LinkedHashMap<>();
        for (ChannelGroup g : groups) {
            int n = 0;
            for (int u = g.offset(); u < g.offset() + g.size(); u++) {
                n += kept[u] ? 1 : 0;
            }
            String name = g.name();
            for (int i = 2; counts.putIfAbsent(name, 0) != null; i++) {
                name = g.name() + "#" + i;
            }
            ordered.put(name, n);
        }
        return ordered;
    }
}
