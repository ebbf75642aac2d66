package org.espalier.channels;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.espalier.graph.Axis;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.ops.UnitRelations;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/** What the operator of one node sees of the units around it; what it states goes into the tables. */
final class OperatorView implements UnitRelations {
    private final Node node;
    private final Graph graph;
    private final InferredShapes shapes;
    private final UnitSets sets;
    private final AxisTable axes;
    private final UnitFreezer freezer;
    private final List<Contraction> contractions = new ArrayList<>();
    private final Set<Axis> mentioned = new HashSet<>();
    private boolean normalizes;

    OperatorView(Node node, Graph graph, InferredShapes shapes, UnitSets sets, AxisTable axes, UnitFreezer freezer) {
        this.node = node;
        this.graph = graph;
        this.shapes = shapes;
        this.sets = sets;
        this.axes = axes;
        this.freezer = freezer;
    }

    /** The sums that the operator stated. */
    List<Contraction> contractions() {
        return Collections.unmodifiableList(contractions);
    }

    /** Whether the node takes statistics over units. */
    boolean normalizes() {
        return normalizes;
    }

    /** Freezes the axes of the inputs that the operator did not mention. */
    void freezeUnmentioned() {
        for (String in : node.inputs()) {
            if (axes.isKnown(in)) {
                for (int a = 0; a < axes.rank(in); a++) {
                    if (!mentioned.contains(new Axis(in, a))) {
                        freezer.freeze(in, a, node.label() + " takes the axis as a whole");
                    }
                }
                axes.settle(in);
            }
        }
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
        return shapes.shape(value);
    }

    @Override
    public @Nullable TensorData constant(String value) {
        return shapes.constant(value);
    }

    @Override
    public int frozenUnit() {
        return UnitSets.FROZEN;
    }

    @Override
    public void mention(String value, int axis) {
        mentioned.add(new Axis(value, axis));
    }

    @Override
    public int freshUnit() {
        return sets.fresh(1)[0];
    }

    @Override
    public List<Node> consumers(String value) {
        return graph.consumers(value);
    }

    @Override
    public @Nullable Node producer(String value) {
        return graph.producer(value);
    }

    @Override
    public boolean isOutput(String value) {
        return graph.isOutput(value);
    }

    @Override
    public int @Nullable [] units(String value, int axis) {
        mention(value, axis);
        TensorData constant = axes.isOpen(value, axis) ? graph.initializer(value) : null;
        if (constant != null && constant.elements() == 0) {
            // Whatever sizes an empty one claims, there is nothing to remove.
            axes.setPlain(value, axis);
        } else if (constant != null) {
            axes.setUnits(value, axis, sets.fresh(Math.toIntExact(constant.size(axis))));
        }
        return axes.units(value, axis);
    }

    @Override
    public void assign(String value, int axis, int[] ids) {
        int[] old = units(value, axis);
        if (old != null) {
            for (int i = 0; i < ids.length; i++) {
                unite(ids[i], old[i]);
            }
        } else if (axes.isOpen(value, axis)) {
            axes.setUnits(value, axis, ids.clone());
        } else {
            freezer.freezeUnits(value, axis, ids, joinsWhatStays(value));
        }
    }

    private String joinsWhatStays(String value) {
        return node.label()
                + (graph.isInput(value) ? " reads the network's input" : " joins it with what always stays");
    }

    @Override
    public void unite(int unitA, int unitB) {
        sets.unite(unitA, unitB);
    }

    @Override
    public void same(String a, int axisA, String b, int axisB) {
        int[] ids = units(a, axisA);
        if (ids == null) {
            makePlain(b, axisB);
        } else {
            assign(b, axisB, ids);
            if (isMerged(a, axisA)) {
                markMerged(b, axisB);
            }
        }
    }

    private void makePlain(String value, int axis) {
        mention(value, axis);
        freezer.freeze(value, axis, joinsWhatStays(value));
    }

    @Override
    public void select(String from, int axisFrom, String to, int axisTo, int[] index) {
        int[] source = units(from, axisFrom);
        if (source == null) {
            makePlain(to, axisTo);
            return;
        }
        int[] ids = new int[index.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = index[i] < 0 ? UnitSets.FROZEN : source[index[i]];
        }
        assign(to, axisTo, ids);
    }

    @Override
    public void contract(String data, int dataAxis, String weight, int weightAxis, boolean selectable) {
        mention(data, dataAxis);
        mention(weight, weightAxis);
        if (graph.initializer(weight) == null) {
            freeze(data, dataAxis, node.label() + " reads it through a weight that is computed");
            return;
        }
        contractions.add(new Contraction(node, new Axis(data, dataAxis), new Axis(weight, weightAxis), selectable));
    }

    @Override
    public void normalize(String value, int axis) {
        if (isMerged(value, axis) && graph.inputs().stream().anyMatch(OperatorView::hasFreeSizes)) {
            freeze(value, axis, node.label() + " normalises over channels and a free number of positions at once");
        }
        normalizes |= units(value, axis) != null;
    }

    /** Whether an input leaves another size open than how many examples there are. */
    private static boolean hasFreeSizes(Value input) {
        List<Dimension> shape = input.shape();
        return shape == null || shape.stream().skip(1).anyMatch(d -> !d.isKnown());
    }

    @Override
    public void markMerged(String value, int axis) {
        axes.markMerged(new Axis(value, axis));
    }

    @Override
    public boolean isMerged(String value, int axis) {
        return axes.isMerged(new Axis(value, axis));
    }

    @Override
    public void freeze(String value, String reason) {
        if (axes.isKnown(value)) {
            for (int a = 0; a < axes.rank(value); a++) {
                freeze(value, a, reason);
            }
        }
    }

    @Override
    public void freeze(String value, int axis, String reason) {
        mention(value, axis);
        freezer.freeze(value, axis, reason);
    }
}
