package org.espalier.ops;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/** Finds operators by ONNX name. A new operator is one class and one line here. */
public final class OperatorTable {
    private static final List<Operator> ALL = List.of(
            new ElementwiseOp(),
            new BroadcastOp(),
            new ConvOp(),
            new GemmOp(),
            new MatMulOp(),
            new EinsumOp(),
            new AttentionOp(),
            new BatchNormalizationOp(),
            new PoolOp(),
            new GlobalPoolOp(),
            new FlattenOp(),
            new ReshapeOp(),
            new ConcatOp(),
            new GatherOp(),
            new SoftmaxOp(),
            new ConstantOp(),
            new ConvTransposeOp(),
            new InstanceNormalizationOp(),
            new GroupNormalizationOp(),
            new LayerNormalizationOp(),
            new ReductionOp(),
            new SqueezeOp(),
            new UnsqueezeOp(),
            new TransposeOp(),
            new PReluOp(),
            new SplitOp(),
            new SliceOp(),
            new ExpandOp(),
            new TileOp(),
            new PadOp(),
            new ResizeOp(),
            new DepthToSpaceOp(),
            new RecurrentOp(),
            new SizeOp(),
            new ShapeOnlyOp());
    private static final SortedMap<String, Operator> BY_NAME = byName();

    private OperatorTable() {}

    private static SortedMap<String, Operator> byName() {
        SortedMap<String, Operator> table = new TreeMap<>();
        for (Operator operator : ALL) {
            for (String name : operator.names()) {
                if (table.put(name, operator) != null) {
                    throw new IllegalStateException("operator '" + name + "': must belong to one class, found two");
                }
            }
        }
        return Collections.unmodifiableSortedMap(table);
    }

    /** {@return names of the operators that are followed, in alphabetical order} */
    public static SortedSet<String> names() {
        return new TreeSet<>(BY_NAME.keySet());
    }

    /**
     * The operator of a node, or null where it is not known or belongs to a foreign operator set.
     *
     * @param node the node
     * @return the operator of a node, or null where it is not known or belongs to a foreign operator set
     */
    public static @Nullable Operator find(Node node) {
        boolean own = node.domain().isEmpty() || node.domain().equals("ai.onnx");
        return own ? BY_NAME.get(node.opType()) : null;
    }
}
