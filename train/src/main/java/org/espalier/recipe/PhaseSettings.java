package org.espalier.recipe;

import java.util.Map;
import org.espalier.torch.Optimizer;
import org.jspecify.annotations.Nullable;

/**
 * How one phase of a run trains: pre-training, pruning, fine-tuning.
 *
 * @param epochs number of epochs; 0 leaves the phase away
 * @param optimizer rule that updates weights
 * @param momentum first decay rate of the optimizers
 * @param learningRate rate of the weights
 * @param warmupEpochs epochs in which the rate rises from 0
 * @param constantShare share of the steps at a constant rate
 * @param weightDecay decay of the weights
 * @param weightDecayStart decay at the first step, or null
 * @param dropout rates by group or pattern
 * @param augmentation random changes of pictures
 * @param frozenStatistics whether running statistics stay
 * @param labelSmoothing share of the target over all classes
 * @param averaging share of the last steps that are averaged
 * @param rateProbe whether the rate is lowered until the network stays itself
 */
public record PhaseSettings(
        @RecipeSetting("Epochs of this phase; 0 leaves it away")
        int epochs,

        @RecipeSetting("What updates weights; the noise is always Adam's")
        Optimizer.Rule optimizer,

        @RecipeSetting(value = "The optimizers' first decay rate, or momentum", max = 1, below = true)
        double momentum,

        @RecipeSetting(value = "The optimizer's rate for weights", above = true)
        double learningRate,

        @RecipeSetting("Epochs over which the rate rises linearly from 0")
        double warmupEpochs,

        @RecipeSetting(
                value = "Share of the steps after the warm-up in which rates are constant, before they fall "
                        + "linearly to 0",
                max = 1)
        double constantShare,

        @RecipeSetting("Decay of the weights, as the optimizer has it")
        double weightDecay,

        @RecipeSetting("Decay at the first step, from where it grows linearly to weightDecay at the last; "
                + "nothing for one that is constant")
        @Nullable
        Double weightDecayStart,

        @RecipeSetting(
                value = "Rates of ordinary dropout on the inputs of layers, by the group that they read",
                max = 1,
                below = true)
        Map<String, Double> dropout,

        @RecipeSetting("Random changes of training pictures, joined by +: cropN, flip, cutoutN, brightnessX, "
                + "contrastX; empty for none")
        String augmentation,

        @RecipeSetting("Whether batch normalisation uses its running statistics and leaves them as they are; "
                + "else each batch is normalised by its own")
        boolean frozenStatistics,

        @RecipeSetting(
                value = "Share of the target spread over all classes; beside noise it would make the data count "
                        + "for less",
                max = 1,
                below = true)
        double labelSmoothing,

        @RecipeSetting(
                value = "Share of the steps, the last, whose weights are averaged for the result; for networks "
                        + "without batch normalisation, and not in pruning; 0 for none",
                max = 1)
        double averaging,

        @RecipeSetting("Whether the rate is lowered until the network that pruning begins with, learning from itself, "
                + "stays what it is; where there is a teacher")
        boolean rateProbe) {
    /** Usual ordinary training from random weights. */
    public static final PhaseSettings PRETRAINING =
            new PhaseSettings(8, Optimizer.Rule.ADAM, 0.9, 1e-3, 0, 0.5, 0, null, Map.of(), "", false, 0, 0, false);

    /** Usual training with a method attached. */
    public static final PhaseSettings PRUNING = PRETRAINING.withEpochs(40);

    /** Usual training of what is left: the rate falls from the first step on. */
    public static final PhaseSettings FINETUNING = PRETRAINING.withEpochs(20).withConstantShare(0);

    /**
     * Puts the names of groups in the order of their meaning.
     *
     * @param epochs number of epochs; 0 leaves the phase away
     * @param optimizer rule that updates weights
     * @param momentum first decay rate of the optimizers
     * @param learningRate rate of the weights
     * @param warmupEpochs epochs in which the rate rises from 0
     * @param constantShare share of the steps at a constant rate
     * @param weightDecay decay of the weights
     * @param weightDecayStart decay at the first step, or null
     * @param dropout rates by group or pattern
     * @param augmentation random changes of pictures
     * @param frozenStatistics whether running statistics stay
     * @param labelSmoothing share of the target over all classes
     * @param averaging share of the last steps that are averaged
     * @param rateProbe whether the rate is lowered until the network stays itself
     */
    public PhaseSettings {
        dropout = GroupPatterns.ordered(dropout);
    }

    /**
     * Decay of the weights at a step.
     *
     * @param step from 0
     * @param steps of the phase
     * @return the decay, as the optimizer has it
     */
    public double weightDecayAt(long step, long steps) {
        if (weightDecayStart == null || steps < 2) {
            return weightDecay;
        }
        return weightDecayStart + (weightDecay - weightDecayStart) * step / (steps - 1);
    }

    /**
     * These settings with another {@code epochs}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withEpochs(int value) {
        return RecipeSettings.with(this, "epochs", value);
    }

    /**
     * These settings with another {@code optimizer}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withOptimizer(Optimizer.Rule value) {
        return RecipeSettings.with(this, "optimizer", value);
    }

    /**
     * These settings with another {@code momentum}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withMomentum(double value) {
        return RecipeSettings.with(this, "momentum", value);
    }

    /**
     * These settings with another {@code learningRate}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withLearningRate(double value) {
        return RecipeSettings.with(this, "learningRate", value);
    }

    /**
     * These settings with another {@code warmupEpochs}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withWarmupEpochs(double value) {
        return RecipeSettings.with(this, "warmupEpochs", value);
    }

    /**
     * These settings with another {@code constantShare}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withConstantShare(double value) {
        return RecipeSettings.with(this, "constantShare", value);
    }

    /**
     * These settings with another {@code weightDecay}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withWeightDecay(double value) {
        return RecipeSettings.with(this, "weightDecay", value);
    }

    /**
     * These settings with another {@code weightDecayStart}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withWeightDecayStart(@Nullable Double value) {
        return RecipeSettings.with(this, "weightDecayStart", value);
    }

    /**
     * These settings with another {@code dropout}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withDropout(Map<String, Double> value) {
        return RecipeSettings.with(this, "dropout", value);
    }

    /**
     * These settings with another {@code augmentation}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withAugmentation(String value) {
        return RecipeSettings.with(this, "augmentation", value);
    }

    /**
     * These settings with another {@code frozenStatistics}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withFrozenStatistics(boolean value) {
        return RecipeSettings.with(this, "frozenStatistics", value);
    }

    /**
     * These settings with another {@code labelSmoothing}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withLabelSmoothing(double value) {
        return RecipeSettings.with(this, "labelSmoothing", value);
    }

    /**
     * These settings with another {@code averaging}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withAveraging(double value) {
        return RecipeSettings.with(this, "averaging", value);
    }

    /**
     * These settings with another {@code rateProbe}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public PhaseSettings withRateProbe(boolean value) {
        return RecipeSettings.with(this, "rateProbe", value);
    }
}
