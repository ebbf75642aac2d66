package org.espalier.shrink;

import java.util.function.ToDoubleFunction;
import org.espalier.graph.Graph;

/**
 * What a shrunk network may cost at most in one respect.
 *
 * @param name of the cost, for messages
 * @param most the greatest cost, in the cost's unit; above 0
 * @param slack how far below {@code most}, as a share of it, is near enough: for a cost that is counted next to nothing, for one that is
 *     measured its spread
 * @param cost of a network
 */
public record CostLimit(String name, double most, double slack, ToDoubleFunction<Graph> cost) {
    /**
     * Checks the bound.
     *
     * @param name of the cost, for messages
     * @param most the greatest cost, in the cost's unit; above 0
     * @param slack how far below {@code most}, as a share of it, is near enough
     * @param cost of a network
     */
    public CostLimit {
        if (!(most > 0)) {
            throw new IllegalArgumentException("cost limit '" + name + "': must be above 0, found " + most);
        }
    }

    /**
     * A network's cost as a share of the greatest that is allowed.
     *
     * @param network the network
     * @return 1 at the limit, more above it
     */
    public double share(Graph network) {
        return cost.applyAsDouble(network) / most;
    }
}
