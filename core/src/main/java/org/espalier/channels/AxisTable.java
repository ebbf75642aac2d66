package org.espalier.channels;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.espalier.graph.Axis;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/** The units along each axis of each value. An axis is open (nothing was said about it yet), plain (it carries none), or has one per index. */
final class AxisTable {
    /** Stands for a plain axis, as opposed to an open one, which is null. */
    private static final int[] PLAIN = {};

    private final InferredShapes shapes;
    private final Map<String, int[][]> units = new HashMap<>();
    private final Set<Axis> merged = new HashSet<>();

    AxisTable(InferredShapes shapes) {
        this.shapes = shapes;
    }

    private int[][] axes(String value) {
        return units.computeIfAbsent(value, v -> new int[shapes.shape(v).length][]);
    }

    /** How many axes a value has. */
    int rank(String value) {
        return shapes.shape(value).length;
    }

    /** Whether nothing was said about an axis yet. */
    boolean isOpen(String value, int axis) {
        int[][] all = units.get(value);
        return all == null || all[axis] == null;
    }

    /** The unit of each index along an axis, or null where it is open or plain. */
    int @Nullable [] units(String value, int axis) {
        int[][] all = units.get(value);
        int[] ids = all == null ? null : all[axis];
        return ids == PLAIN ? null : ids;
    }

    void setUnits(String value, int axis, int[] ids) {
        axes(value)[axis] = ids;
    }

    void setPlain(String value, int axis) {
        axes(value)[axis] = PLAIN;
    }

    /** Makes all open axes of a value plain. */
    void settle(String value) {
        if (isKnown(value)) {
            int[][] all = axes(value);
            for (int a = 0; a < all.length; a++) {
                all[a] = all[a] == null ? PLAIN : all[a];
            }
        }
    }

    /** Whether there is such a value, and its shape is known. */
    boolean isKnown(String value) {
        return !value.isEmpty() && shapes.info(value) != null;
    }

    /** Visits the axes of a value that have units. */
    void forEachAxis(String value, BiConsumer<Axis, int[]> visitor) {
        int[][] all = units.getOrDefault(value, new int[0][]);
        for (int a = 0; a < all.length; a++) {
            if (all[a] != null && all[a] != PLAIN) {
                visitor.accept(new Axis(value, a), all[a]);
            }
        }
    }

    /** Notes that an axis was merged of several. */
    void markMerged(Axis axis) {
        merged.add(axis);
    }

    boolean isMerged(Axis axis) {
        return merged.contains(axis);
    }
}
