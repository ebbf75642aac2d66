package org.espalier.train;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.espalier.graph.Graph;
import org.espalier.shrink.CostLimit;
import org.jspecify.annotations.Nullable;

/**
 * What a run's result may cost, and how much worse it may be.
 *
 * @param limits greatest costs; empty for none
 * @param maxError by how many points the error on the examples held out may be above the original's; null for no bound.
 *     With {@code limits} nothing is chosen by it
 * @param unitCost of a network, by which the cost of its units is compared
 */
public record RunBudget(List<CostLimit> limits, @Nullable Double maxError, ToDoubleFunction<Graph> unitCost) {
    /** Nothing is bounded. */
    public static final RunBudget NONE = new RunBudget(List.of(), null, g -> 0);

    /**
     * Copies the limits.
     *
     * @param limits greatest costs; empty for none
     * @param maxError by how many points the error on the examples held out may be above the original's; null for no
     *     bound
     * @param unitCost of a network, by which the cost of its units is compared
     */
    public RunBudget {
        limits = List.copyOf(limits);
    }

    /** The greatest cost of a network as a share of its limit. */
    double share(Graph network) {
        return limits.stream().mapToDouble(l -> l.share(network)).max().orElse(0);
    }
}
