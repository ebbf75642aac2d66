package org.espalier.method;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;

/** Sparse Variational Dropout. The weights that it drops stay zero when what is left is fine-tuned. */
final class SparseVdKind implements PruningMethodKind {
    private static final double RATE = 3e-3;
    private static final int MOST_EPOCHS = 80;
    private static final int MOST_GROWTH = 10;

    @Override
    public String title() {
        return "SparseVD";
    }

    @Override
    public Set<MethodSetting> settings() {
        return EnumSet.of(MethodSetting.PRUNING_PHASE, MethodSetting.GROWTH, MethodSetting.NOISE_RATE);
    }

    /**
     * There is no noise beside that of the weights. They move fast: a weight's share of noise grows as it shrinks.
     * Fine-tuning trains those that are left.
     */
    @Override
    public Recipe defaults(String network) {
        Recipe r = Recipes.of(network);
        return r.withPruning(p -> p.withEpochs(Math.min(MOST_EPOCHS, p.epochs()))
                        .withLearningRate(Math.max(RATE, p.learningRate()))
                        .withDropout(Map.of()))
                .withFinetuning(p -> p.withLearningRate(Math.max(RATE, p.learningRate())))
                .withNoise(n -> n.withEpochsUntilFull(
                                Math.min(MOST_GROWTH, r.pruning().epochs() / 4.0))
                        .withDraws(1))
                .withDistillation(d -> d.withShare(0));
    }

    @Override
    public PruningMethod attach(ChannelGroups groups, Recipe recipe) {
        return new SparseVd(groups, recipe.noise().epochsUntilFull());
    }

    @Override
    public PruningMethod attachTuning(ChannelGroups groups) {
        return NoPruning.keepingZeros(groups);
    }
}
