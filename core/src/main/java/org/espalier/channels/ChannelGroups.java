package org.espalier.channels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.espalier.graph.Axis;
import org.espalier.graph.Graph;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/**
 * The prunable units of a graph: numbered from 0, gathered into groups, with the places where they are read.
 *
 * <p>Follows the graph once; time and memory grow linearly with nodes and channels.
 */
public final class ChannelGroups {
    private final Graph graph;
    private final InferredShapes shapes;
    private final UnitTable table;
    private final GroupNumbering numbering;
    private final List<ReadSite> sites = new ArrayList<>();
    /** Unit numbers along the axes of each value that was asked for. */
    private final Map<String, int[][]> numbered = new ConcurrentHashMap<>();

    private ChannelGroups(Graph graph, InferredShapes shapes, LayerSelection selection) {
        this.graph = graph;
        this.shapes = shapes;
        this.table = UnitTable.of(graph, shapes, selection);
        Map<String, Contraction> picks = new HashMap<>();
        for (Contraction c : table.contractions()) {
            if (isPickable(c, selection)) {
                picks.put(c.node().name(), c);
            }
        }
        this.numbering = GroupNumbering.of(graph, shapes, table, picks);
        addSites();
    }

    /**
     * The groups of a graph. Free dimensions of its inputs are looked at with a batch of 2.
     *
     * @param graph the network
     * @return the groups of a graph
     */
    public static ChannelGroups of(Graph graph) {
        return of(graph, LayerSelection.ALL);
    }

    /**
     * The groups of a graph of which only some layers may lose units.
     *
     * @param graph the network
     * @param selection which layers may lose units
     * @return the groups of a graph of which only some layers may lose units
     */
    public static ChannelGroups of(Graph graph, LayerSelection selection) {
        return of(graph, InferredShapes.infer(graph, 2), selection);
    }

    /**
     * The groups of a graph at given shapes.
     *
     * @param graph the network
     * @param shapes the shapes at which it is looked at
     * @param selection which layers may lose units
     * @return the groups of a graph at given shapes
     */
    public static ChannelGroups of(Graph graph, InferredShapes shapes, LayerSelection selection) {
        return new ChannelGroups(graph, shapes, selection);
    }

    /** Whether single inputs of a node can be picked: nobody else reads its weight, and the axis is an input's or was merged. */
    private boolean isPickable(Contraction c, LayerSelection selection) {
        String weight = c.weight().value();
        boolean alone = graph.consumers(weight).size() == 1 && !graph.isOutput(weight);
        boolean free = table.axisUnits(c.data()) == null || table.isMerged(c.data());
        return c.selectable() && alone && free && selection.includes(c.node());
    }

    private void addSites() {
        Set<Axis> done = new HashSet<>();
        for (Contraction c : table.contractions()) {
            Axis at = c.weight();
            int[] units = table.axisUnits(at);
            int[] numbers = units == null ? new int[0] : numbers(units);
            if (Arrays.stream(numbers).anyMatch(u -> u >= 0) && done.add(at)) {
                sites.add(new ReadSite(c.node().name(), at.value(), at.axis(), numbers, false));
            }
            int first = numbering.firstPickedInput(c.node().name());
            if (first >= 0) {
                int[] own = new int[(int) shapes.shape(at.value())[at.axis()]];
                Arrays.setAll(own, i -> first + i);
                sites.add(new ReadSite(c.node().name(), at.value(), at.axis(), own, true));
            }
        }
    }

    private int[] numbers(int[] tableUnits) {
        return Arrays.stream(tableUnits).map(numbering::numberOf).toArray();
    }

    /** {@return the graph whose groups these are} */
    public Graph graph() {
        return graph;
    }

    /** {@return the shapes at which the graph was looked at} */
    public InferredShapes shapes() {
        return shapes;
    }

    /**
     * {@return the groups in the order in which the graph shows them; their units are numbered one after the other}
     */
    public List<ChannelGroup> groups() {
        return numbering.groups();
    }

    /** {@return how many prunable units there are} */
    public int units() {
        return numbering.size();
    }

    /**
     * The group that a unit belongs to.
     *
     * @param unit 0 to {@link #units()} − 1
     * @return the group that a unit belongs to
     * @throws IllegalArgumentException if there is no such unit
     */
    public ChannelGroup groupOf(int unit) {
        return groups().stream()
                .filter(g -> unit >= g.offset() && unit < g.offset() + g.size())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "unit: must exist, expected 0 to " + (units() - 1) + ", found " + unit));
    }

    /** {@return where units are read} A weight with two sites (channels, and picked inputs) is multiplied by both. */
    public List<ReadSite> sites() {
        return Collections.unmodifiableList(sites);
    }

    /**
     * {@return names of the nodes that take statistics over units: normalisations, which count only the units that are
     * left}
     */
    public Set<String> normalizing() {
        return table.normalizing();
    }

    /** {@return what stays, and why} */
    public List<FrozenUnits> frozen() {
        return table.frozen();
    }

    /**
     * Unit numbers along an axis of a value, −1 for indices that always stay; null where all do. Must not be changed.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     * @return unit numbers along an axis of a value, −1 for indices that always stay
     */
    public int @Nullable [] unitsOf(String value, int axis) {
        return numbered.computeIfAbsent(value, this::numberAxes)[axis];
    }

    /**
     * How many axes a value has; 0 where that is not known, or the name is empty.
     *
     * @param value the value's name
     * @return how many axes a value has
     */
    public int rank(String value) {
        TensorInfo info = value.isEmpty() ? null : shapes.info(value);
        return info == null ? 0 : info.rank();
    }

    /**
     * The indices along an axis of a value that stay; null where all do.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     * @param kept per unit whether it stays
     * @return the indices that stay, ascending
     */
    public int @Nullable [] left(String value, int axis, boolean[] kept) {
        int[] units = unitsOf(value, axis);
        if (units == null) {
            return null;
        }
        int[] left = IntStream.range(0, units.length)
                .filter(i -> units[i] < 0 || kept[units[i]])
                .toArray();
        return left.length == units.length ? null : left;
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

    /**
     * First unit of the inputs that a node may pick one by one, or −1 where it cannot.
     *
     * @param nodeName the node's name
     * @return first unit of the inputs that a node may pick one by one, or −1 where it cannot
     */
    public int firstPickedInput(String nodeName) {
        return numbering.firstPickedInput(nodeName);
    }

    /** {@return unit counts per group, by group name: {@link #count} of all units} */
    public Map<String, Integer> sizes() {
        boolean[] all = new boolean[units()];
        Arrays.fill(all, true);
        return count(all);
    }

    /**
     * Unit counts per group, by group name, of those with {@code kept[unit]}.
     *
     * @param kept per unit whether it stays
     * @return unit counts per group, by group name, of those with {@code kept[unit]}
     */
    public Map<String, Integer> count(boolean[] kept) {
        Map<String, Integer> counts = new TreeMap<>();
        Map<String, Integer> ordered = new LinkedHashMap<>();
        for (ChannelGroup g : groups()) {
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
