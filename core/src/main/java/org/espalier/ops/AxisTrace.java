package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Follows an axis through nodes that only move it, to where it is used. */
final class AxisTrace {
    private static final int LONGEST = 8;

    private AxisTrace() {}

    /** Whether an axis is moved about and then taken apart: single indices picked, or split. So exporters write packed query, key, value. */
    static boolean isTakenApart(UnitRelations r, String value, int axis) {
        return isTakenApart(r, value, axis, LONGEST);
    }

    private static boolean isTakenApart(UnitRelations r, String value, int axis, int left) {
        int rank = r.shape(value).length;
        for (Node n : left == 0 ? List.<Node>of() : r.consumers(value)) {
            if (!n.input(0).equals(value)) {
                continue;
            }
            boolean apart =
                    switch (n.opType()) {
                        case "Gather" -> {
                            TensorData indices = r.constant(n.input(1));
                            boolean single = indices != null && indices.elements() == 1;
                            yield single && Axes.of(n.getLong("axis", 0), rank) == axis;
                        }
                        case "Split" -> Axes.of(n.getLong("axis", 0), rank) == axis;
                        default -> {
                            int next = moved(r, n, axis, rank);
                            yield next >= 0 && isTakenApart(r, n.output(0), next, left - 1);
                        }
                    };
            if (apart) {
                return true;
            }
        }
        return false;
    }

    /** Where an axis is after a node that only moves it, or −1. */
    private static int moved(UnitRelations r, Node n, int axis, int rank) {
        long[] axes = axes(r, n);
        return switch (n.opType()) {
            case "Transpose" -> {
                long[] perm = n.getLongs("perm");
                yield perm == null
                        ? rank - 1 - axis
                        : IntStream.range(0, rank)
                                .filter(i -> perm[i] == axis)
                                .findFirst()
                                .orElse(-1);
            }
            case "Squeeze" -> {
                int[] gone = axes == null ? null : Axes.of(axes, rank);
                yield gone == null || Axes.contains(gone, axis)
                        ? -1
                        : axis - (int) Arrays.stream(gone).filter(a -> a < axis).count();
            }
            case "Unsqueeze" -> {
                int[] added = axes == null ? null : Axes.of(axes, rank + axes.length);
                yield added == null
                        ? -1
                        : IntStream.range(0, rank + added.length)
                                .filter(a -> !Axes.contains(added, a))
                                .skip(axis)
                                .findFirst()
                                .orElse(-1);
            }
            default -> -1;
        };
    }

    private static long @Nullable [] axes(UnitRelations r, Node n) {
        TensorData given = n.hasInput(1) ? r.constant(n.input(1)) : null;
        return given == null ? n.getLongs("axes") : given.toLongs();
    }
}
