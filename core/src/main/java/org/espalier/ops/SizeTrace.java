package org.espalier.ops;

import java.util.Arrays;
import java.util.Set;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Follows one entry of a vector of sizes through nodes that move it, to where it is used or replaced by a constant. */
final class SizeTrace {
    private static final int LONGEST = 16;

    /** Operators that compute each entry of a vector from the same entry of others. */
    private static final Set<String> ENTRY_BY_ENTRY =
            Set.of("Add", "Sub", "Mul", "Div", "Equal", "Greater", "Less", "Max", "Min", "Where", "Cast", "Identity");

    private SizeTrace() {}

    /** Whether anything depends on the entry. */
    static boolean isRead(UnitRelations r, String sizes, int entry) {
        return isRead(r, sizes, entry, LONGEST);
    }

    private static boolean isRead(UnitRelations r, String sizes, int entry, int left) {
        if (left == 0 || r.isOutput(sizes)) {
            return true;
        }
        for (Node n : r.consumers(sizes)) {
            if (isRead(r, n, sizes, entry, left - 1)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isRead(UnitRelations r, Node n, String sizes, int entry, int left) {
        int entries = (int) r.shape(sizes)[0];
        return switch (n.opType()) {
            case "Gather" -> gathered(r, n, sizes, entry, left);
            case "Slice" -> sliced(r, n, sizes, entry, entries, left);
            case "Concat" -> joined(r, n, sizes, entry, left);
            case "Where" -> {
                TensorData mask = r.constant(n.input(0));
                boolean replaced = mask != null
                        && mask.elements() == entries
                        && !n.input(2).equals(sizes)
                        && mask.getLong(entry) == 0;
                yield !replaced && same(r, n, sizes, entry, left);
            }
            default -> same(r, n, sizes, entry, left);
        };
    }

    private static boolean same(UnitRelations r, Node n, String sizes, int entry, int left) {
        boolean alike = ENTRY_BY_ENTRY.contains(n.opType()) && Arrays.equals(r.shape(n.output(0)), r.shape(sizes));
        return !alike || isRead(r, n.output(0), entry, left);
    }

    private static boolean gathered(UnitRelations r, Node n, String sizes, int entry, int left) {
        TensorData picked = r.constant(n.input(1));
        if (picked == null || !n.input(0).equals(sizes)) {
            return true;
        }
        int entries = (int) r.shape(sizes)[0];
        long[] indices = picked.toLongs();
        for (int i = 0; i < indices.length; i++) {
            if (Axes.of(indices[i], entries) == entry && (picked.rank() != 1 || isRead(r, n.output(0), i, left))) {
                return true;
            }
        }
        return false;
    }

    private static boolean sliced(UnitRelations r, Node n, String sizes, int entry, int entries, int left) {
        long[] starts = longs(r, n, "starts", 1);
        long[] ends = longs(r, n, "ends", 2);
        if (starts.length != 1
                || ends.length != 1
                || n.hasInput(4)
                || !n.input(0).equals(sizes)) {
            return true;
        }
        int from = clamp(starts[0], entries);
        return entry >= from && entry < clamp(ends[0], entries) && isRead(r, n.output(0), entry - from, left);
    }

    private static long[] longs(UnitRelations r, Node n, String attribute, int i) {
        long[] own = n.getLongs(attribute);
        TensorData t = own == null && n.hasInput(i) ? r.constant(n.input(i)) : null;
        return own != null ? own : t == null ? new long[0] : t.toLongs();
    }

    private static boolean joined(UnitRelations r, Node n, String sizes, int entry, int left) {
        int at = 0;
        for (String in : n.inputs()) {
            if (in.equals(sizes) && isRead(r, n.output(0), at + entry, left)) {
                return true;
            }
            at += (int) r.shape(in)[0];
        }
        return false;
    }

    private static int clamp(long i, int rank) {
        return (int) Math.max(0, Math.min(rank, i < 0 ? i + rank : i));
    }
}
