package org.espalier.torch.ops;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;

/** The operators that can be executed, by ONNX name. */
public final class Operators {
    private static final Map<String, Operator> TABLE = table();

    private Operators() {}

    private static Map<String, Operator> table() {
        Map<String, Operator> t = new TreeMap<>();
        Convolutions.register(t);
        Products.register(t);
        Pooling.register(t);
        Normalization.register(t);
        Activations.register(t);
        Arithmetic.register(t);
        Reductions.register(t);
        Shapes.register(t);
        Selections.register(t);
        Markers.register(t);
        Resizing.register(t);
        return t;
    }

    /** Names of the operators that can be executed, in alphabetical order. */
    public static Set<String> names() {
        return Collections.unmodifiableSet(TABLE.keySet());
    }

    /**
     * The operator of a node.
     *
     * @throws GraphException if it is not one that can be executed
     */
    public static Operator find(Node node) {
        Operator found = node.domain().isEmpty() || node.domain().equals("ai.onnx") ? TABLE.get(node.opType()) : null;
        if (found == null) {
            String name = node.domain().isEmpty() ? node.opType() : node.domain() + "." + node.opType();
            throw new GraphException("Operator '" + name + "' (node '" + node.name()
                    + "'): not supported for training, expected one of the " + TABLE.size()
                    + " operators that docs/reference/onnx.md lists");
        }
        return found;
    }
}
