package org.espalier.ops;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/** Finds operators by ONNX name. A new operator is one class and one line here. */
public final class Operators {
    private static final Map<String, Operator> BY_NAME = new HashMap<>();

    static {
        add(new Elementwise(), Elementwise.NAMES);
        add(new Broadcast(), Broadcast.NAMES);
        add(new Conv(), "Conv");
        add(new Gemm(), "Gemm");
        add(new MatMul(), "MatMul");
        add(new BatchNormalization(), "BatchNormalization");
        add(new Pool(), "MaxPool", "AveragePool", "LpPool");
        add(new GlobalPool(), "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool");
        add(new Flatten(), "Flatten");
        add(new Reshape(), "Reshape");
        add(new Concat(), "Concat");
        add(new Gather(), "Gather");
        add(new Softmax(), "Softmax", "LogSoftmax", "Hardmax");
        add(new Constant(), "Constant");
        add(new ConvTranspose(), "ConvTranspose");
        add(new InstanceNormalization(), "InstanceNormalization");
        add(new GroupNormalization(), "GroupNormalization");
        add(new Normalization(), Normalization.NAMES);
        add(new Reduction(), Reduction.NAMES);
        add(new Squeeze(), "Squeeze");
        add(new Unsqueeze(), "Unsqueeze");
        add(new Transpose(), "Transpose");
        add(new PRelu(), "PRelu");
        add(new Split(), "Split");
        add(new Slice(), "Slice");
        add(new Expand(), "Expand");
        add(new Tile(), "Tile");
        add(new Pad(), "Pad");
        add(new Resize(), "Resize", "Upsample");
        add(new DepthToSpace(), "DepthToSpace", "SpaceToDepth");
        add(new ShapeSource(), ShapeSource.NAMES);
        add(new Whole(), Whole.NAMES);
    }

    private Operators() {}

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
