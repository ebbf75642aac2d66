package org.espalier.ops;

import java.util.Collection;
import org.espalier.graph.TensorData;

/**
 * Bytes that constants which nodes make may take, all together: a small file can ask for any number of large ones. What goes beyond is
 * treated like data, of which types and shapes are known.
 */
public final class FoldingBudget {
    private static final long LEAST = 1L << 27;
    /** Weights that nodes make from stored ones: reordered, sliced, widened. */
    private static final int TIMES_STORED = 4;

    private long left;

    /**
     * A budget for a graph with these stored constants.
     *
     * @param stored the stored constants
     */
    public FoldingBudget(Collection<TensorData> stored) {
        left = LEAST
                + TIMES_STORED
                        * stored.stream().mapToLong(t -> t.data().remaining()).sum();
    }

    /** Takes bytes where there are as many. */
    boolean take(long bytes) {
        if (bytes > left) {
            return false;
        }
        left -= bytes;
        return true;
    }
}
