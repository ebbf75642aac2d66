package org.espalier.channels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Axis;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/**
 * Gathers units into groups and numbers them: units with the same places (axes of constants that make or scale them) are one group; readers
 * do not tell them apart. Groups are numbered in the order in which the nodes show them.
 */
final class GroupNumbering {
    /** The number of a unit that always stays. */
    static final int STAYS = -1;

    private final Graph graph;
    private final InferredShapes shapes;
    private final UnitTable table;
    private final MacsSaved macs;
    private final PlaceSets places;
    private final Set<Axis> readPlaces = new HashSet<>();
    /** Whether somebody reads the unit; by representative. */
    private final boolean[] read;
    /** Representatives of prunable units in the order in which the nodes show them. */
    private final List<Integer> shown = new ArrayList<>();
    /** What adds a group for a unit, or for a node's picked inputs, in the order in which the nodes show them. */
    private final List<Runnable> additions = new ArrayList<>();
    /** Representatives by the number of their places; a group's are taken out when it is added. */
    private final Map<Integer, List<Integer>> members = new HashMap<>();

    private final List<ChannelGroup> groups = new ArrayList<>();
    private final int[] number;
    private final Map<String, Integer> firstPickedInput = new HashMap<>();
    private int size;

    private GroupNumbering(Graph graph, InferredShapes shapes, UnitTable table) {
        this.graph = graph;
        this.shapes = shapes;
        this.table = table;
        this.macs = new MacsSaved(graph, shapes, table);
        this.places = new PlaceSets(table.count());
        this.read = new boolean[table.count()];
        this.number = new int[table.count()];
        Arrays.fill(number, STAYS);
    }

    /**
     * Numbers the units of a table.
     *
     * @param picks by node name the sums whose single inputs may be picked
     */
    static GroupNumbering of(Graph graph, InferredShapes shapes, UnitTable table, Map<String, Contraction> picks) {
        GroupNumbering g = new GroupNumbering(graph, shapes, table);
        for (Contraction c : table.contractions()) {
            g.readPlaces.add(c.weight());
            for (int u : orEmpty(table.axisUnits(c.weight()))) {
                g.read[table.find(u)] = true;
            }
        }
        for (Node n : graph.nodes()) {
            Contraction pick = picks.get(n.name());
            if (pick != null) {
                g.additions.add(() -> g.addInputs(pick));
            }
            n.inputs().forEach(in -> g.show(n, in));
            g.macs.add(n);
        }
        g.number();
        return g;
    }

    private static int[] orEmpty(int @Nullable [] units) {
        return units == null ? new int[0] : units;
    }

    /** Notes the places of a constant at the first node that takes it, and the units that begin there. */
    private void show(Node n, String constant) {
        TensorData t = graph.initializer(constant);
        if (t == null || !graph.consumers(constant).get(0).name().equals(n.name())) {
            return;
        }
        for (int axis = 0; axis < t.rank(); axis++) {
            int[] units = orEmpty(table.axisUnits(constant, axis));
            Axis place = new Axis(constant, axis);
            if (units.length == 0 || readPlaces.contains(place)) {
                continue;
            }
            places.begin(place);
            for (int u : units) {
                int root = table.find(u);
                if (!table.isFrozen(root) && read[root]) {
                    if (places.isEmpty(root)) {
                        shown.add(root);
                        additions.add(() -> addChannels(n, root));
                    }
                    places.add(root);
                }
            }
        }
    }

    private void number() {
        for (int root : shown) {
            members.computeIfAbsent(places.numberOf(root), k -> new ArrayList<>())
                    .add(root);
        }
        additions.forEach(Runnable::run);
    }

    /** Adds the group of a unit, unless that is there already. */
    private void addChannels(Node first, int unit) {
        List<Integer> roots = members.remove(places.numberOf(unit));
        if (roots != null) {
            double each = roots.stream().mapToDouble(macs::of).average().orElse(0);
            groups.add(new ChannelGroup(
                    first.name(), ChannelGroup.Kind.CHANNELS, size, roots.size(), each, places.of(unit)));
            for (int root : roots) {
                number[root] = size++;
            }
        }
    }

    private void addInputs(Contraction c) {
        int features = (int) shapes.shape(c.weight().value())[c.weight().axis()];
        double each = macs.ofInput(c.node(), features);
        firstPickedInput.put(c.node().name(), size);
        groups.add(new ChannelGroup(
                c.node().name() + ".in", ChannelGroup.Kind.INPUTS, size, features, each, List.of(c.weight())));
        size += features;
    }

    List<ChannelGroup> groups() {
        return Collections.unmodifiableList(groups);
    }

    /** How many prunable units there are. */
    int size() {
        return size;
    }

    /** The number of a unit of the table, or {@link #STAYS}. */
    int numberOf(int unit) {
        return number[table.find(unit)];
    }

    /** First unit of the inputs that a node may pick one by one, or {@link #STAYS} where it cannot. */
    int firstPickedInput(String node) {
        return firstPickedInput.getOrDefault(node, STAYS);
    }
}
