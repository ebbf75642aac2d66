package org.espalier.channels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Axis;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Which units stay once all operators were heard: outputs, weights that are used in two ways, and layers that are left alone. */
final class FreezingPolicy {
    /** Units on an axis of a constant that no computed value brought to the node. */
    private record Made(Node node, Axis axis, int[] units) {}

    private final Graph graph;
    private final UnitSets sets;
    private final AxisTable axes;
    private final UnitFreezer freezer;
    private final List<Made> made = new ArrayList<>();

    FreezingPolicy(Graph graph, UnitSets sets, AxisTable axes, UnitFreezer freezer) {
        this.graph = graph;
        this.sets = sets;
        this.axes = axes;
        this.freezer = freezer;
    }

    /** Notes the units that begin at a node: those of its constants, but for constants that only scale or shift what others made. */
    void noteMade(Node n) {
        if (n.inputs().stream().allMatch(in -> graph.initializer(in) == null)) {
            return;
        }
        Set<Integer> brought = new HashSet<>();
        for (String in : n.inputs()) {
            if (graph.initializer(in) == null) {
                axes.forEachAxis(in, (axis, ids) -> Arrays.stream(ids).forEach(u -> brought.add(sets.find(u))));
            }
        }
        for (String in : n.inputs()) {
            if (graph.initializer(in) != null) {
                axes.forEachAxis(in, (axis, ids) -> {
                    int[] own = Arrays.stream(ids)
                            .filter(u -> !sets.isFrozen(u) && !brought.contains(sets.find(u)))
                            .toArray();
                    if (own.length > 0) {
                        made.add(new Made(n, axis, own));
                    }
                });
            }
        }
    }

    void apply(List<Contraction> contractions, LayerSelection selection) {
        graph.outputs().forEach(v -> freezer.freeze(v.name(), "is an output of the network"));
        freezeMixedWeights(contractions);
        leaveAlone(contractions, selection);
    }

    /** A weight that another node uses otherwise than by summing over the same axis cannot be multiplied along that axis. */
    private void freezeMixedWeights(List<Contraction> contractions) {
        Map<String, Map<String, Set<Integer>>> axesByNode = new HashMap<>();
        Set<Axis> read = new LinkedHashSet<>();
        for (Contraction c : contractions) {
            read.add(c.weight());
            axesByNode
                    .computeIfAbsent(c.weight().value(), w -> new HashMap<>())
                    .computeIfAbsent(c.node().name(), n -> new HashSet<>())
                    .add(c.weight().axis());
        }
        for (Axis r : read) {
            Map<String, Set<Integer>> axesOf = axesByNode.getOrDefault(r.value(), Map.of());
            graph.consumers(r.value()).stream()
                    .filter(n -> !axesOf.getOrDefault(n.name(), Set.of()).contains(r.axis()))
                    .findFirst()
                    .ifPresent(n ->
                            freezer.freeze(r.value(), r.axis(), n.label() + " uses the same weight in another way"));
        }
    }

    private void leaveAlone(List<Contraction> contractions, LayerSelection selection) {
        Set<Axis> read = new HashSet<>();
        contractions.forEach(c -> read.add(c.weight()));
        for (Contraction c : contractions) {
            if (!selection.only().test(c.node())) {
                freezeConstant(c.weight().value(), read);
            }
        }
        for (Made m : made) {
            if (!selection.only().test(m.node())) {
                freezer.freezeUnits(m.axis().value(), m.axis().axis(), m.units(), LayerSelection.REASON);
            }
        }
        for (Node n : graph.nodes()) {
            if (selection.except().test(n)) {
                n.inputs().forEach(in -> freezeConstant(in, Set.of()));
            }
        }
    }

    /** Freezes a constant but for some axes, because its layer is left alone. */
    private void freezeConstant(String value, Set<Axis> but) {
        TensorData t = graph.initializer(value);
        for (int a = 0; t != null && a < t.rank(); a++) {
            if (!but.contains(new Axis(value, a))) {
                freezer.freeze(value, a, LayerSelection.REASON);
            }
        }
    }
}
