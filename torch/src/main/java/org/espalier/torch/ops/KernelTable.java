package org.espalier.torch.ops;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;

/** The operators that can be executed, by ONNX name. */
public final class KernelTable {
    private static final Map<String, Kernel> TABLE = table();

    private KernelTable() {}

    private static Map<String, Kernel> table() {
        Map<String, Kernel> t = new TreeMap<>();
        ConvKernels.register(t);
        MatMulKernels.register(t);
        AttentionKernel.register(t);
        RecurrentKernels.register(t);
        PoolingKernels.register(t);
        NormalizationKernels.register(t);
        ActivationKernels.register(t);
        ArithmeticKernels.register(t);
        ReductionKernels.register(t);
        ShapeKernels.register(t);
        SelectionKernels.register(t);
        ScatterKernels.register(t);
        ResizeKernels.register(t);
        return t;
    }

    /**
     * Names of the operators that can be executed, in alphabetical order.
     *
     * @return ONNX operators
     */
    public static Set<String> names() {
        return Collections.unmodifiableSet(TABLE.keySet());
    }

    /**
     * The operator of a node.
     *
     * @param node a node of a graph
     * @return what runs it
     * @throws GraphException if it is not one that can be executed
     */
    public static Kernel find(Node node) {
        Kernel found = node.domain().isEmpty() || node.domain().equals("ai.onnx") ? TABLE.get(node.opType()) : null;
        if (found == null) {
            String name = node.domain().isEmpty() ? node.opType() : node.domain() + "." + node.opType();
            throw new GraphException("Operator '" + name + "' (node '" + node.name()
                    + "'): not supported for training, expected one of the " + TABLE.size()
                    + " operators that docs/reference/onnx.md lists");
        }
        return found;
    }
}
