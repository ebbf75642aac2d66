package org.espalier.method;

import org.espalier.recipe.NoiseSettings;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.RuleSettings;

/** Parts of a recipe that mean something to some methods only. */
public enum MethodSetting {
    /** There is a pruning phase, and fine-tuning after it. */
    PRUNING_PHASE,
    /** Full weights of each unit's divergence: {@code noise.weights}. */
    DIVERGENCE_WEIGHTS,
    /** Weights of the divergence at the beginning: {@code noise.startWeights}. */
    START_WEIGHTS,
    /** How long the divergence grows or falls: {@code noise.epochsUntilFull}. */
    GROWTH,
    /** Adam's rate for what is attached: {@code noise.learningRate}. */
    NOISE_RATE,
    /** Draws per step and the floor of log sigma, and what it begins with: {@code noise.draws}, {@code noise.logSigmaFloor},
     * {@code noise.warmStartBatches}. */
    UNIT_NOISE,
    /**
     * How much worse the loss may get: {@code noise.tolerance}. It must not steer what is not the divergence of
     * units.
     */
    TOLERANCE,
    /** The rule that decides by a unit's posterior: {@code rule.decide}, {@code rule.threshold}. */
    RULE,
    /** What the result may cost and how much worse it may be: {@code budget}. */
    BUDGET,
    /** The group lasso's weights: {@code lasso}. */
    LASSO;

    /** The recipe with the usual values of this part; without what it brings where it is a phase or steering. */
    Recipe reset(Recipe r) {
        NoiseSettings noise = Recipe.DEFAULT.noise();
        RuleSettings rule = Recipe.DEFAULT.rule();
        return switch (this) {
            case PRUNING_PHASE -> r.onlyPretraining();
            case DIVERGENCE_WEIGHTS -> r.withNoise(n -> n.withWeights(noise.weights()));
            case START_WEIGHTS -> r.withNoise(n -> n.withStartWeights(noise.startWeights()));
            case GROWTH -> r.withNoise(n -> n.withEpochsUntilFull(noise.epochsUntilFull()));
            case NOISE_RATE -> r.withNoise(n -> n.withLearningRate(noise.learningRate()));
            case UNIT_NOISE ->
                r.withNoise(n -> n.withDraws(noise.draws())
                        .withLogSigmaFloor(noise.logSigmaFloor())
                        .withWarmStartBatches(0));
            case TOLERANCE -> r.withNoise(n -> n.withTolerance(0));
            case RULE -> r.withRule(u -> u.withDecide(rule.decide()).withThreshold(rule.threshold()));
            case BUDGET -> r.withBudget(b -> Recipe.DEFAULT.budget());
            case LASSO -> r.withLasso(l -> Recipe.DEFAULT.lasso());
        };
    }
}
