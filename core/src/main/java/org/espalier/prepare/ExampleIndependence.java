package org.espalier.prepare;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.ops.Axes;
import org.espalier.ops.BroadcastOp;
import org.espalier.ops.ElementwiseOp;
import org.espalier.ops.OperatorTable;
import org.espalier.ops.ReductionOp;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/**
 * Whether nodes keep examples apart whose rows lie one after the other along first axes: the rows of one example come from the rows of the
 * same example alone, in the same way for all, and lie in the same order.
 *
 * <p>What is not known to keep them apart does not. That shapes grow along the first axis alone is checked elsewhere, and taken for granted
 * here.
 */
final class ExampleIndependence {
    private static final Map<String, Rule> RULES = new HashMap<>();
    /** Operators that make rows of nothing but a number of them, all rows alike. */
    private static final Set<String> REPEATING = Set.of("ConstantOfShape", "Expand", "Tile");
    /** Where a shape belongs that may depend on the batch. */
    private static final Set<String> SHAPES =
            Set.of("Reshape 1", "Expand 1", "Tile 1", "ConstantOfShape 0", "Resize 3", "Shape 0", "Size 0");

    /** Whether an operator keeps examples apart that reach it in at least one input and leave it in all outputs. */
    private interface Rule {
        boolean keepsApart(ExampleIndependence r, Node n);
    }

    static {
        // Under broadcasting a first axis that grows lies over others that grow, or over none.
        add((r, n) -> true, ElementwiseOp.NAMES.toArray(String[]::new));
        add((r, n) -> true, BroadcastOp.NAMES.toArray(String[]::new));
        add((r, n) -> true, "PRelu");
        // Elements stay in their order; a first axis that went elsewhere would show in the shape.
        add((r, n) -> true, "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose");
        add(ExampleIndependence::isOfData, "Conv", "ConvTranspose", "AveragePool", "LpPool", "LRN");
        // Positions that it gives out count from the first example on.
        add((r, n) -> r.isOfData(n) && n.output(1).isEmpty(), "MaxPool");
        add(ExampleIndependence::isOfData, "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool");
        add(
                ExampleIndependence::isOfData,
                "InstanceNormalization",
                "GroupNormalization",
                "DepthToSpace",
                "SpaceToDepth");
        add((r, n) -> r.isOfData(n) && n.getLong("training_mode", 0) == 0, "BatchNormalization");
        add((r, n) -> r.grows(n.input(0)) && !r.grows(n.input(1)) && n.getLong("transA", 0) == 0, "Gemm");
        add(ExampleIndependence::product, "MatMul");
        add((r, n) -> r.axis(n, r.graph.opset() < 13 ? 1 : -1) != 0, "Softmax", "LogSoftmax", "Hardmax");
        add((r, n) -> r.axis(n, -1) != 0, "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization");
        add((r, n) -> r.axis(n, -1) != 0, "LpNormalization", "TopK");
        add((r, n) -> r.axis(n, 0) != 0, "Split", "ArgMax", "ArgMin");
        add((r, n) -> r.axis(n, 1) != 0, "Concat");
        for (String name : ReductionOp.NAMES) {
            RULES.putIfAbsent(name, ExampleIndependence::reduction);
        }
        add(ExampleIndependence::meanVariance, "MeanVarianceNormalization");
        add((r, n) -> r.constantAxis(n, 1) != 0, "CumSum");
        add((r, n) -> r.isOfData(n) && r.one.shape(n.input(0)).length > 2, "Trilu");
        add(ExampleIndependence::gather, "Gather", "GatherElements");
        add((r, n) -> n.getLong("batch_dims", 0) > 0 ? r.grows(n.input(0)) : !r.grows(n.input(0)), "GatherND");
        add(ExampleIndependence::slice, "Slice");
        add(ExampleIndependence::pad, "Pad");
        add((r, n) -> r.isOfData(n) && r.keepsRows(n), "Expand", "Tile");
        add(ExampleIndependence::resize, "Resize", "Upsample");
    }

    private final Graph graph;
    private final InferredShapes one;
    private final InferredShapes two;

    /**
     * @param one shapes with one example
     * @param two shapes with two
     */
    ExampleIndependence(Graph graph, InferredShapes one, InferredShapes two) {
        this.graph = graph;
        this.one = one;
        this.two = two;
    }

    private static void add(Rule rule, String... names) {
        for (String name : names) {
            RULES.put(name, rule);
        }
    }

    /** Names of the operators that can keep examples apart, in alphabetical order. */
    static SortedSet<String> names() {
        return new TreeSet<>(RULES.keySet());
    }

    /** Whether a node keeps examples apart. */
    boolean keepsExamplesApart(Node n) {
        if (OperatorTable.find(n) == null || countsExamples(n)) {
            return false;
        }
        Predicate<String> grows = this::grows;
        boolean reads = n.inputs().stream().anyMatch(grows);
        boolean makes = n.outputs().stream().anyMatch(grows);
        if (!reads) {
            return !makes || REPEATING.contains(n.opType());
        }
        boolean sized = n.opType().equals("Shape") || n.opType().equals("Size");
        if (sized || (n.opType().equals("CastLike") && !grows(n.input(0)))) {
            return true;
        }
        Rule rule = RULES.get(n.opType());
        return rule != null
                && n.outputs().stream().allMatch(out -> out.isEmpty() || grows(out))
                && rule.keepsApart(this, n);
    }

    private boolean grows(String value) {
        TensorInfo a = value.isEmpty() ? null : one.info(value);
        TensorInfo b = value.isEmpty() ? null : two.info(value);
        return a != null && b != null && a.rank() > 0 && b.rank() > 0 && a.shape()[0] < b.shape()[0];
    }

    /** Whether a node computes with a number that differs with the batch, other than to make a shape or another such number. */
    private boolean countsExamples(Node n) {
        boolean counted = n.outputs().stream().anyMatch(out -> !out.isEmpty() && two.valueAtTheseSizes(out) == null);
        for (int i = 0; i < n.inputs().size() && counted; i++) {
            TensorData a = one.valueAtTheseSizes(n.input(i));
            TensorData b = two.valueAtTheseSizes(n.input(i));
            boolean number = a != null && b != null && graph.initializer(n.input(i)) == null && !grows(n.input(i));
            if (number && !Objects.equals(a, b) && !SHAPES.contains(n.opType() + " " + i)) {
                return true;
            }
        }
        return false;
    }

    // ---- rules

    /** Whether examples come in the first input alone: weights, bounds and the like are the same for all. */
    private boolean isOfData(Node n) {
        return grows(n.input(0))
                && n.inputs().stream().filter(in -> !in.equals(n.input(0))).noneMatch(this::grows);
    }

    private int rank(Node n) {
        return one.shape(n.input(0)).length;
    }

    private int axis(Node n, long otherwise) {
        return Axes.of(n.getLong("axis", otherwise), rank(n));
    }

    /** An axis given as an input; 0 where it is not constant. */
    private int constantAxis(Node n, int i) {
        TensorData axis = one.constant(n.input(i));
        return axis == null ? 0 : Axes.of(axis.getLong(0), rank(n));
    }

    /** Integers given as an attribute or as an input; null where absent or not constant. */
    private long @Nullable [] longs(Node n, String attribute, int i) {
        long[] given = n.getLongs(attribute);
        TensorData t = given == null && n.hasInput(i) ? one.constant(n.input(i)) : null;
        return t == null ? given : t.toLongs();
    }

    private boolean keepsRows(Node n) {
        return one.shape(n.input(0))[0] == one.shape(n.output(0))[0];
    }

    /** Rows of a matrix, or matrices one after the other. */
    private boolean product(Node n) {
        int left = rank(n);
        int right = one.shape(n.input(1)).length;
        return grows(n.input(0)) ? left > 2 || (left == 2 && !grows(n.input(1))) : right > 2;
    }

    private boolean reduction(Node n) {
        long[] axes = longs(n, "axes", 1);
        if (axes == null && n.hasInput(1)) {
            return false;
        }
        if (axes == null || axes.length == 0) {
            return n.getLong("noop_with_empty_axes", 0) != 0;
        }
        return !Axes.contains(Axes.of(axes, rank(n)), 0);
    }

    private boolean meanVariance(Node n) {
        long[] axes = n.getLongs("axes");
        return axes != null && !Axes.contains(Axes.of(axes, rank(n)), 0);
    }

    /** Either places within each example's rows, or rows of a table that is the same for all. */
    private boolean gather(Node n) {
        boolean first = axis(n, 0) == 0;
        boolean elements = n.opType().equals("GatherElements");
        return grows(n.input(0)) ? !first && (elements || !grows(n.input(1))) : first;
    }

    private boolean slice(Node n) {
        long[] axes = longs(n, "axes", 3);
        long[] steps = longs(n, "steps", 4);
        if ((n.hasInput(3) && axes == null) || (n.hasInput(4) && steps == null)) {
            return false;
        }
        for (int i = 0; axes != null && i < axes.length; i++) {
            if (Axes.of(axes[i], rank(n)) == 0) {
                return keepsRows(n) && (steps == null || steps[i] > 0);
            }
        }
        return axes != null || (keepsRows(n) && (steps == null || steps[0] > 0));
    }

    private boolean pad(Node n) {
        long[] pads = longs(n, "pads", 1);
        long[] axes = longs(n, "", 3);
        if (pads == null || (n.hasInput(3) && axes == null)) {
            return false;
        }
        int listed = pads.length / 2;
        for (int i = 0; i < listed; i++) {
            boolean first = axes == null ? i == 0 : Axes.of(axes[i], rank(n)) == 0;
            if (first && (pads[i] != 0 || pads[i + listed] != 0)) {
                return false;
            }
        }
        return true;
    }

    /** Along an axis that keeps its size each place is looked up where it is, unless a region is cut out. */
    private boolean resize(Node n) {
        boolean cut = n.getString("coordinate_transformation_mode", "").equals("tf_crop_and_resize");
        return isOfData(n) && keepsRows(n) && !cut;
    }
}
