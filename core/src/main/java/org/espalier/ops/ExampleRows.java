package org.espalier.ops;

import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * One node whose values may have rows of several examples one after the other along their first axis, and what its operator needs to tell
 * whether it keeps them apart. Shapes are those of one example.
 */
public interface ExampleRows {
    /** {@return the node} */
    Node node();

    /** {@return version of ONNX's own operator set} */
    long opset();

    /**
     * How many axes input {@code i} has.
     *
     * @param i the number of the input
     * @return how many axes input {@code i} has
     */
    int rank(int i);

    /**
     * Whether the first axis of input {@code i} grows with the number of examples.
     *
     * @param i the number of the input
     * @return whether the first axis of input {@code i} grows with the number of examples
     */
    boolean hasRows(int i);

    /**
     * The value of input {@code i} where it is the same for all inputs and sizes of the network, else null.
     *
     * @param i the number of the input
     * @return the value of input {@code i} where it is the same for all inputs and sizes of the network, else null
     */
    @Nullable
    TensorData constant(int i);

    /** {@return whether the first axis of the first input is as long as that of the first output} */
    boolean keepsRowCount();

    /**
     * {@return whether rows come in the first input alone: weights, bounds and the like are the same for all
     * examples}
     */
    default boolean areOfFirstInput() {
        boolean alone = hasRows(0);
        for (int i = 1; i < node().inputs().size(); i++) {
            alone &= node().input(i).equals(node().input(0)) || !hasRows(i);
        }
        return alone;
    }

    /**
     * The attribute {@code axis} as a number from 0 on the first input's axes.
     *
     * @param otherwise taken where the node has no such attribute
     * @return the attribute {@code axis} as a number from 0 on the first input's axes
     */
    default int axis(long otherwise) {
        return Axes.of(node().getLong("axis", otherwise), rank(0));
    }

    /**
     * Integers given as an attribute (older operator sets) or as input {@code i}; null where absent or not constant.
     *
     * @param attribute the attribute of older operator sets; empty where there is none
     * @param i the number of the input
     * @return integers given as an attribute (older operator sets) or as input {@code i}
     */
    default long @Nullable [] longs(String attribute, int i) {
        long[] given = node().getLongs(attribute);
        TensorData t = given == null && node().hasInput(i) ? constant(i) : null;
        return t == null ? given : t.toLongs();
    }
}
