package org.espalier.ops;

import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** One node while units are removed: sizes before and after, and where its operator puts what must change. */
public interface NodeShrink {
    /** The node as changed so far. */
    Node node();

    long opset();

    /** Shape before. */
    long[] shape(String value);

    /** Shape after. */
    long[] newShape(String value);

    /** The indices that stay along an axis, ascending; null where all stay. */
    int @Nullable [] kept(String value, int axis);

    /** The value before where it does not depend on the network's inputs, else null. */
    @Nullable
    TensorData constant(String value);

    void setAttribute(String name, Attribute value);

    void removeAttribute(String name);

    /** Integers given as an attribute (older operator sets) or as input {@code i}; null where absent or not constant. */
    default long @Nullable [] longs(String attribute, int i) {
        long[] fromAttribute = node().getLongs(attribute);
        TensorData t = fromAttribute == null && node().hasInput(i) ? constant(node().input(i)) : null;
        return t == null ? fromAttribute : t.toLongs();
    }

    /** Puts integers back where {@link #longs} found them. */
    default void setLongs(String attribute, int i, long[] values) {
        if (node().hasAttribute(attribute)) {
            setAttribute(attribute, Attribute.of(values));
        } else {
            TensorData before = constant(node().input(i));
            TensorData after = TensorData.vector(values);
            // Operators want their integers in one type.
            setInput(i, before == null ? after : after.as(before.type()));
        }
    }

    /** Replaces a constant input, for this node alone. */
    void setInput(int i, TensorData value);
}
