package org.espalier.ops;

import java.util.Arrays;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Which entries of a vector of sizes are constants, though others are computed. */
final class TargetSizes {
    /** Stands for an entry that is computed. */
    static final long COMPUTED = Long.MIN_VALUE;

    private TargetSizes() {}

    /** The entries, {@link #COMPUTED} for those that are not known; null where nothing is known of any. */
    static long @Nullable [] of(UnitRelations r, String sizes) {
        TensorData whole = r.constant(sizes);
        if (whole != null) {
            return whole.toLongs();
        }
        Node n = r.producer(sizes);
        long[] shape = n == null ? new long[0] : r.shape(sizes);
        if (n == null || shape.length != 1) {
            return null;
        }
        long[] entries = new long[(int) shape[0]];
        Arrays.fill(entries, COMPUTED);
        switch (n.opType()) {
            case "Where" -> chosen(r, n, entries);
            case "Concat" -> pieces(r, n, entries);
            default -> {}
        }
        return Arrays.stream(entries).allMatch(e -> e == COMPUTED) ? null : entries;
    }

    private static void chosen(UnitRelations r, Node where, long[] entries) {
        TensorData mask = r.constant(where.input(0));
        TensorData numbers = r.constant(where.input(2));
        if (mask == null
                || numbers == null
                || mask.elements() != entries.length
                || numbers.elements() != entries.length) {
            return;
        }
        for (int i = 0; i < entries.length; i++) {
            entries[i] = mask.getLong(i) == 0 ? numbers.getLong(i) : COMPUTED;
        }
    }

    private static void pieces(UnitRelations r, Node concat, long[] entries) {
        int at = 0;
        for (String piece : concat.inputs()) {
            TensorData known = r.constant(piece);
            int length = (int) r.shape(piece)[0];
            for (int i = 0; i < length; i++) {
                entries[at + i] = known == null ? COMPUTED : known.getLong(i);
            }
            at += length;
        }
    }
}
