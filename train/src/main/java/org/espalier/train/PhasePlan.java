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
    static PhasePlan of(Recipe recipe, TrainingPhase phase, int examples) {
        PhaseSettings s = recipe.phase(phase);
        int batchSize = Math.min(recipe.batches().size(), examples);
        int perEpoch = examples / batchSize;
        long steps = (long) s.epochs() * perEpoch;
        long warmup = Math.round(s.warmupEpochs() * perEpoch);
        return new PhasePlan(
                phase,
                s,
                batchSize,
                perEpoch,
                new LearningRateSchedule(s.learningRate(), s.constantShare(), steps, warmup),
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
