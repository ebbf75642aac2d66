package org.espalier.ops;

/**
 * One operator, or a family of operators that behave alike.
 *
 * <p>Only {@link #infer} is required. An operator without {@link #relate} freezes every unit that reaches it, which is always right and
 * only prunes less.
 */
public interface Operator {
    /** States type and shape of each output, and its value where that is known from constants. */
    void infer(NodeInference c);

    /**
     * States how units on the axes of inputs, weights and outputs belong together. An input axis with units that is not mentioned
     * gets frozen afterwards.
     */
    default void relate(UnitRelations r) {}

    /** Changes attributes and integer constants that depend on sizes along axes from which units were removed. */
    default void shrink(NodeShrink s) {}

    /** Multiply-accumulates of one execution at the inferred shapes. */
    default long macs(NodeInference c) {
        return 0;
    }
}
