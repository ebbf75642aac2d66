package org.espalier.ops;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Lists of axes. */
final class Axes {
    private Axes() {}

    /**
     * Axes that may be negative, as numbers from 0.
     *
     * @param axes the axes, possibly negative
     * @param rank how many axes there are
     * @return the axes as numbers from 0
     */
    public static int[] of(long[] axes, int rank) {
        return Arrays.stream(axes).mapToInt(a -> (int) (a < 0 ? a + rank : a)).toArray();
    }

    /**
     * A possibly negative axis as a number from 0.
     *
     * @param axis the axis, possibly negative
     * @param rank how many axes there are
     * @return the axis as a number from 0
     */
    public static int of(long axis, int rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** Checked against the rank. */
    static int[] checked(NodeInference c, long[] axes, int rank) {
        int[] all = new int[axes.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = c.axis(axes[i], rank);
        }
        return all;
    }

    static int[] all(int rank) {
        return IntStream.range(0, rank).toArray();
    }

    /**
     * Whether an axis is in a list.
     *
     * @param axes the axes, possibly negative
     * @param axis the axis, possibly negative
     * @return whether an axis is in a list
     */
    public static boolean contains(int[] axes, int axis) {
        return Arrays.stream(axes).anyMatch(a -> a == axis);
    }
}
