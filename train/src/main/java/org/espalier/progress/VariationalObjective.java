package org.espalier.progress;

import java.util.Arrays;
import org.espalier.method.PruningMethod;
import org.jspecify.annotations.Nullable;

/**
 * The objective J of Structured Bayesian Pruning on the whole training set, in nats, with a weight of 1 on every
 * unit's divergence whatever weights the run has: what two optima can be compared by, less being better. Units that
 * left have the prior for a posterior, and add 0.
 *
 * @param data N times the mean loss of an example with noise, over the batches of an epoch, without distillation and
 *     label smoothing
 * @param divergence sum of KL(q || p) over all units, at the last draw
 */
public record VariationalObjective(double data, double divergence) {
    /**
     * The objective after an epoch.
     *
     * @param method at work
     * @param meanLoss of an example
     * @param examples N
     * @return null for a method without a posterior
     */
    public static @Nullable VariationalObjective of(PruningMethod method, double meanLoss, int examples) {
        return method.hasPosterior()
                ? new VariationalObjective(
                        examples * meanLoss, Arrays.stream(method.kl()).sum())
                : null;
    }

    /**
     * J.
     *
     * @return the sum of both parts
     */
    public double total() {
        return data + divergence;
    }
}
