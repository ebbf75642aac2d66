package org.espalier.recipe;

import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The noise of Structured Bayesian Pruning: how it is trained, and how much its divergence from the prior weighs.
 *
 * @param learningRate Adam's rate for the noise
 * @param draws draws of the noise per step
 * @param logSigmaFloor least log sigma after the first epoch
 * @param tolerance how much worse the loss may get
 * @param weights full weights of the divergence
 * @param startWeights weights at the beginning
 * @param epochsUntilFull epochs with less or more than the full weights
 * @param warmStartBatches small batches that the first noise is estimated from
 */
public record NoiseSettings(
        @RecipeSetting(value = "Adam's rate for the noise: mu and log sigma, or SparseVD's log sigma^2", above = true)
        double learningRate,

        @RecipeSetting(
                value = "Draws of the noise per step, each for its part of the batch; 1 where batch normalisation "
                        + "uses the batch's statistics",
                min = 1)
        int draws,

        @RecipeSetting(
                value = "Least log sigma after the first epoch: noise that stays on units with signal keeps the "
                        + "network from over-fitting; -20 for none",
                min = -20,
                max = 5)
        double logSigmaFloor,

        @RecipeSetting("By how much of the original's loss, and of 0.2 nats more, the loss with noise may be "
                + "above it: the weights of the divergence, whose proportions stay, are steered by it; 0 "
                + "for weights as given")
        double tolerance,

        DivergenceWeights weights,
        DivergenceWeights startWeights,

        @RecipeSetting("Epochs after which the weights are exactly the full ones: until then one that starts "
                + "lower grows linearly, one that starts higher stays; without use where there is a "
                + "tolerance")
        double epochsUntilFull,

        @RecipeSetting("Small batches from which the noise that training begins with is estimated; 0 begins with "
                + "almost none")
        int warmStartBatches) {
    /** Usual noise: the divergence grows from 0 to weights in proportion to compute within six epochs. */
    public static final NoiseSettings DEFAULT =
            new NoiseSettings(1e-2, 1, -20, 0, new DivergenceWeights(1, 1, Map.of()), DivergenceWeights.NONE, 6, 0);

    /**
     * Changes the full weights.
     *
     * @param change from those of these settings
     * @return all other settings as they are here
     */
    public NoiseSettings withWeights(UnaryOperator<DivergenceWeights> change) {
        return withWeights(change.apply(weights));
    }

    /**
     * Draws of the noise in a step: as many as wanted, or fewer so that the batch divides into equal parts.
     *
     * @param examples of the step
     * @return 1 or more
     */
    public int drawsFor(int examples) {
        int count = Math.min(draws, examples);
        while (examples % count != 0) {
            count--;
        }
        return count;
    }

    /**
     * These settings with another {@code learningRate}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public NoiseSettings withLearningRate(double value) {
        return RecipeSettings.with(this, "learningRate", value);
    }

    /**
     * These settings with another {@code draws}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public NoiseSettings withDraws(int value) {
        return RecipeSettings.with(this, "draws", value);
    }

    /**
     * These settings with another {@code logSigmaFloor}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public NoiseSettings withLogSigmaFloor(double value) {
        return RecipeSettings.with(this, "logSigmaFloor", value);
    }

    /**
     * These settings with another {@code tolerance}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public NoiseSettings withTolerance(double value) {
        return RecipeSettings.with(this, "tolerance", value);
    }

    /**
     * These settings with another {@code weights}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public NoiseSettings withWeights(DivergenceWeights value) {
        return RecipeSettings.with(this, "weights", value);
    }

    /**
     * These settings with another {@code startWeights}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public NoiseSettings withStartWeights(DivergenceWeights value) {
        return RecipeSettings.with(this, "startWeights", value);
    }

    /**
     * These settings with another {@code epochsUntilFull}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public NoiseSettings withEpochsUntilFull(double value) {
        return RecipeSettings.with(this, "epochsUntilFull", value);
    }

    /**
     * These settings with another {@code warmStartBatches}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public NoiseSettings withWarmStartBatches(int value) {
        return RecipeSettings.with(this, "warmStartBatches", value);
    }
}
