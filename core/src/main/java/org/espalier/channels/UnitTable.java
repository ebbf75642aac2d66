package org.espalier.channels;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.espalier.graph.Attribute;
import org.espalier.graph.Axis;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.ops.Operator;
import org.espalier.ops.OperatorTable;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/** The units on each axis of each value of a graph, as its operators relate them, node by node. */
final class UnitTable {
    private final Graph graph;
    private final InferredShapes shapes;
    private final UnitSets sets = new UnitSets();
    private final AxisTable axes;
    private final UnitFreezer freezer;
    private final FreezingPolicy policy;
    private final List<Contraction> contractions = new ArrayList<>();
    private final Set<String> normalizing = new LinkedHashSet<>();

    private UnitTable(Graph graph, InferredShapes shapes) {
        this.graph = graph;
        this.shapes = shapes;
        this.axes = new AxisTable(shapes);
        this.freezer = new UnitFreezer(sets, axes);
        this.policy = new FreezingPolicy(graph, sets, axes, freezer);
    }

    static UnitTable of(Graph graph, InferredShapes shapes, LayerSelection selection) {
        UnitTable t = new UnitTable(graph, shapes);
        graph.inputs().forEach(v -> t.axes.settle(v.name()));
        graph.nodes().forEach(t::relate);
        t.policy.apply(t.contractions, selection);
        return t;
    }

    private void relate(Node n) {
        Operator op = OperatorTable.find(n);
        String unknown = Stream.concat(n.inputs().stream(), n.outputs().stream())
                .filter(v -> !v.isEmpty())
                .map(shapes::unknown)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (op == null || unknown != null) {
            String reason = op == null ? "operator '" + n.opType() + "' is not known" : String.valueOf(unknown);
            n.inputs().forEach(in -> freezer.freeze(in, reason));
            n.inputs().forEach(axes::settle);
        } else if (!isSizeArithmetic(n)) {
            relate(n, op);
        }
        n.outputs().forEach(axes::settle);
        for (Attribute a : n.attributes().values()) {
            if (a instanceof Attribute.Opaque o) {
                o.outerValues().forEach(v -> freezer.freeze(v, n.label() + " reads it inside a subgraph"));
                o.outerValues().forEach(axes::settle);
            }
        }
    }

    /** Whether a node makes lists of integers of others: sizes, on which no unit lives. */
    private boolean isSizeArithmetic(Node n) {
        return Stream.concat(n.inputs().stream(), n.outputs().stream())
                .filter(v -> !v.isEmpty())
                .map(shapes::info)
                .allMatch(
                        info -> info != null && info.rank() < 2 && !info.type().isFloating());
    }

    private void relate(Node n, Operator op) {
        OperatorView view = new OperatorView(n, graph, shapes, sets, axes, freezer);
        try {
            op.relate(view);
        } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new GraphException(n.label() + ": sizes or attributes do not fit its inputs: " + e.getMessage(), e);
        }
        view.freezeUnmentioned();
        contractions.addAll(view.contractions());
        if (view.normalizes()) {
            normalizing.add(n.name());
        }
        policy.noteMade(n);
    }

    /** The representative of a unit. */
    int find(int unit) {
        return sets.find(unit);
    }

    boolean isFrozen(int unit) {
        return sets.isFrozen(unit);
    }

    /** The units along an axis, or null where it has none. */
    int @Nullable [] axisUnits(Axis axis) {
        return axisUnits(axis.value(), axis.axis());
    }

    /** The units along an axis, or null where it has none. */
    int @Nullable [] axisUnits(String value, int axis) {
        return axes.units(value, axis);
    }

    /** Whether an axis was merged of several. */
    boolean isMerged(Axis axis) {
        return axes.isMerged(axis);
    }

    /** The sums over units, in the order of the nodes. */
    List<Contraction> contractions() {
        return Collections.unmodifiableList(contractions);
    }

    /** Names of the nodes that take statistics over units. */
    Set<String> normalizing() {
        return Collections.unmodifiableSet(normalizing);
    }

    /** What was frozen, and why. */
    List<FrozenUnits> frozen() {
        return freezer.frozen();
    }

    /** One more than the largest unit. */
    int count() {
        return sets.count();
    }
}
