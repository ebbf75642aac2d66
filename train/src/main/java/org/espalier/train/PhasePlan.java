package org.espalier.train;

import org.espalier.recipe.PhaseSettings;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.TrainingPhase;

/**
 * What follows from a recipe for one phase once the number of examples is known.
 *
 * @param phase the part of the run
 * @param settings of it
 * @param batchSize of the recipe, or of fewer examples all
 * @param batchesPerEpoch whole batches in an epoch
 * @param weightRate of the weights
 * @param noiseRate of what the method attached
 */
record PhasePlan(
        TrainingPhase phase,
        PhaseSettings settings,
        int batchSize,
        int batchesPerEpoch,
        LearningRateSchedule weightRate,
        LearningRateSchedule noiseRate) {
    /**
     * A plan.
     *
     * @param lowered by what the weights' rate is multiplied
     */
    static PhasePlan of(Recipe recipe, TrainingPhase phase, int examples, double lowered) {
        PhaseSettings s = recipe.phase(phase);
        int batchSize = Math.min(recipe.batches().size(), examples);
        int perEpoch = examples / batchSize;
        long steps = (long) s.epochs() * perEpoch;
        long asked = Math.round(s.warmupEpochs() * perEpoch);
        // Fewer epochs than the defaults were made for: most steps must have the full rate.
        long warmup = phase == TrainingPhase.PRETRAIN ? asked : Math.min(asked, Math.max(1, steps / 3));
        return new PhasePlan(
                phase,
                s,
                batchSize,
                perEpoch,
                new LearningRateSchedule(lowered * s.learningRate(), s.constantShare(), steps, warmup),
                new LearningRateSchedule(recipe.noise().learningRate(), s.constantShare(), steps, 0));
    }

    int epochs() {
        return settings.epochs();
    }

    long steps() {
        return (long) settings.epochs() * batchesPerEpoch;
    }

    /** Epochs that are over at a step, with a fraction. */
    double epoch(long step) {
        return (double) step / batchesPerEpoch;
    }

    boolean isAveraged(long step) {
        return settings.averaging() > 0 && step >= (1 - settings.averaging()) * steps();
    }
}
