package org.espalier.ops;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/** Finds operators by ONNX name. A new operator is one class and one line here. */
public final class OperatorTable {
    private static final Map<String, Operator> BY_NAME = new HashMap<>();

    static {
        add(new ElementwiseOp(), ElementwiseOp.NAMES.toArray(String[]::new));
        add(new BroadcastOp(), BroadcastOp.NAMES.toArray(String[]::new));
        add(new ConvOp(), "Conv");
        add(new GemmOp(), "Gemm");
        add(new MatMulOp(), "MatMul");
        add(new BatchNormalizationOp(), "BatchNormalization");
        add(new PoolOp(), "MaxPool", "AveragePool", "LpPool");
        add(new GlobalPoolOp(), "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool");
        add(new FlattenOp(), "Flatten");
        add(new ReshapeOp(), "Reshape");
        add(new ConcatOp(), "Concat");
        add(new GatherOp(), "Gather");
        add(new SoftmaxOp(), "Softmax", "LogSoftmax", "Hardmax");
        add(new ConstantOp(), "Constant");
        add(new ConvTransposeOp(), "ConvTranspose");
        add(new InstanceNormalizationOp(), "InstanceNormalization");
        add(new GroupNormalizationOp(), "GroupNormalization");
        add(new LayerNormalizationOp(), LayerNormalizationOp.NAMES);
        add(new ReductionOp(), ReductionOp.NAMES.toArray(String[]::new));
        add(new SqueezeOp(), "Squeeze");
        add(new UnsqueezeOp(), "Unsqueeze");
        add(new TransposeOp(), "Transpose");
        add(new PReluOp(), "PRelu");
        add(new SplitOp(), "Split");
        add(new SliceOp(), "Slice");
        add(new ExpandOp(), "Expand");
        add(new TileOp(), "Tile");
        add(new PadOp(), "Pad");
        add(new ResizeOp(), "Resize", "Upsample");
        add(new DepthToSpaceOp(), "DepthToSpace", "SpaceToDepth");
        add(new SizeOp(), SizeOp.NAMES);
        add(new ShapeOnlyOp(), ShapeOnlyOp.NAMES);
    }

    private OperatorTable() {}

    private static void add(Operator operator, String... names) {
        for (String name : names) {
            BY_NAME.put(name, operator);
        }
    }

    /** Names of the operators that are followed, in alphabetical order. */
    public static SortedSet<String> names() {
        return new TreeSet<>(BY_NAME.keySet());
    }

    /** The operator of a node, or null where it is not known or belongs to a foreign operator set. */
    public static @Nullable Operator find(Node node) {
        boolean own = node.domain().isEmpty() || node.domain().equals("ai.onnx");
        return own ? BY_NAME.get(node.opType()) : null;
    }
}
