package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Node;

/**
 * One operator, or a family of operators that behave alike.
 *
 * <p>Only {@link #names} and {@link #infer} are required. An operator without {@link #relate} freezes every unit that reaches it, and one
 * without {@link #keepsExamplesApart} keeps a network of one example from getting a batch: both are always right and only prune or batch
 * less.
 */
public interface Operator {
    /** {@return the ONNX names of the operators} */
    List<String> names();

    /**
     * States type and shape of each output, and its value where that is known from constants.
     *
     * @param c what is known of the inputs, and where the outputs go
     */
    void infer(NodeInference c);

    /**
     * States how units on the axes of inputs, weights and outputs belong together. An input axis with units that is not mentioned
     * gets frozen afterwards.
     *
     * @param r what is known around the node
     */
    default void relate(UnitRelations r) {}

    /**
     * Changes attributes and integer constants that depend on sizes along axes from which units were removed.
     *
     * @param s where the changes go
     */
    default void shrink(NodeShrink s) {}

    /**
     * Multiply-accumulates of one execution at the inferred shapes.
     *
     * @param c what is known of the inputs, and where the outputs go
     * @return multiply-accumulates of one execution at the inferred shapes
     */
    default long macs(NodeInference c) {
        return 0;
    }

    /**
     * Whether a node computes the rows of an example from the rows of the same example alone, in the same way for all, and leaves them in
     * their order. Asked where at least one input and all outputs have rows of examples along their first axis.
     *
     * @param r what is known around the node
     * @return whether a node computes the rows of an example from the rows of the same example alone, in the same way
     *     for all, and leaves them in their order
     */
    default boolean keepsExamplesApart(ExampleRows r) {
        return false;
    }

    /**
     * Whether a node reads the elements of an input that has rows of examples, not its sizes or its type alone.
     *
     * @param r what is known around the node
     * @return whether a node reads the elements of an input that has rows of examples, not its sizes or its type
     *     alone
     */
    default boolean readsElements(ExampleRows r) {
        return true;
    }

    /**
     * Whether a node that reads no rows of examples may make some: as many as a number says, all alike.
     *
     * @param n the node
     * @return whether a node that reads no rows of examples may make some
     */
    default boolean repeatsRows(Node n) {
        return false;
    }

    /**
     * Whether an input is a shape or an axis's new size, or whether only its sizes count: so that it may depend on
     * how many examples there are.
     *
     * @param n the node
     * @param input the number of the input
     * @return whether an input is a shape or an axis's new size, or whether only its sizes count
     */
    default boolean takesSizes(Node n, int input) {
        return false;
    }
}
