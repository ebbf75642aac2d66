package org.espalier.train;

import java.util.List;
import java.util.Map;
import org.espalier.bayes.Posterior;
import org.espalier.graph.Graph;
import org.espalier.objective.ErrorComparison;
import org.espalier.objective.ErrorInterval;
import org.espalier.progress.VariationalObjective;
import org.jspecify.annotations.Nullable;

/**
 * What a run made.
 *
 * @param original the network of full size after ordinary training
 * @param originalErrorPercent its error on the test set
 * @param trained the network as the method left it, before units were removed for good, weights without multipliers;
 *     what another threshold can be applied to
 * @param posterior of the units of {@code trained}; null for a method without one
 * @param objective at weights of 1 on the training set, after the last epoch of pruning; null for a method without a
 *     posterior
 * @param masked the network of full size with removed units at zero and the weights of {@code pruned}; computes the
 *     same as that
 * @param pruned the final network
 * @param errors both errors on the test set, and how sure they are
 * @param originalUnits units per group of the original
 * @param units units per group that are left, by the same names
 * @param seconds wall time of everything
 */
public record PruningOutcome(
        Graph original,
        double originalErrorPercent,
        Graph trained,
        @Nullable Posterior posterior,
        @Nullable VariationalObjective objective,
        Graph masked,
        Graph pruned,
        ErrorComparison errors,
        Map<String, Integer> originalUnits,
        Map<String, Integer> units,
        double seconds) {
    /**
     * The same run with the original as its result.
     *
     * @return what it made
     */
    public PruningOutcome unchanged() {
        ErrorComparison same = new ErrorComparison(
                originalErrorPercent,
                originalErrorPercent,
                errors.originalRmse(),
                errors.originalRmse(),
                new ErrorInterval(0, 0),
                List.of());
        return new PruningOutcome(
                original,
                originalErrorPercent,
                trained,
                posterior,
                objective,
                original,
                original,
                same,
                originalUnits,
                units,
                seconds);
    }

    /**
     * The final network's error on the test set.
     *
     * @return percent, see {@link org.espalier.objective.NetworkScore#errorPercent}
     */
    public double errorPercent() {
        return errors.percent();
    }
}
