package org.espalier.ops;

import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** One node while units are removed: sizes before and after, and where its operator puts what must change. */
public interface NodeShrink {
    /** {@return the node as changed so far} */
    Node node();

    /** {@return version of ONNX's own operator set} */
    long opset();

    /**
     * Shape before.
     *
     * @param value the value's name
     * @return shape before
     */
    long[] shape(String value);

    /**
     * Shape after.
     *
     * @param value the value's name
     * @return shape after
     */
    long[] newShape(String value);

    /**
     * The indices that stay along an axis, ascending; null where all stay.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     * @return the indices that stay along an axis, ascending
     */
    int @Nullable [] kept(String value, int axis);

    /**
     * The value before where it does not depend on the network's inputs, else null.
     *
     * @param value the value's name
     * @return the value before where it does not depend on the network's inputs, else null
     */
    @Nullable
    TensorData constant(String value);

    /**
     * Sets an attribute.
     *
     * @param name its name
     * @param value the attribute
     */
    void setAttribute(String name, Attribute value);

    /**
     * Takes an attribute away.
     *
     * @param name its name
     */
    void removeAttribute(String name);

    /**
     * Integers given as an attribute (older operator sets) or as input {@code i}; null where absent or not constant.
     *
     * @param attribute the attribute of older operator sets; empty where there is none
     * @param i the number of the input
     * @return integers given as an attribute (older operator sets) or as input {@code i}
     */
    default long @Nullable [] longs(String attribute, int i) {
        long[] fromAttribute = node().getLongs(attribute);
        TensorData t = fromAttribute == null && node().hasInput(i) ? constant(node().input(i)) : null;
        return t == null ? fromAttribute : t.toLongs();
    }

    /**
     * Puts integers back where {@link #longs} found them.
     *
     * @param attribute the attribute of older operator sets; empty where there is none
     * @param i the number of the input
     * @param values the values
     */
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

    /**
     * Replaces a constant input, for this node alone.
     *
     * @param i the number of the input
     * @param value the constant
     */
    void setInput(int i, TensorData value);

    /**
     * Replaces entries of a vector of integers that is computed, for this node alone; those below 0 stay as they are
     * computed.
     *
     * @param i the number of the input
     * @param entries the new entries; one below 0 leaves the computed entry as it is
     */
    void setEntries(int i, long[] entries);
}
