package org.espalier.method;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.DivergenceWeights;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;

/**
 * StructuredBP: Structured Bayesian Pruning with a weight of 1 on every unit's divergence.
 *
 * <p>A trained network leans on every channel: at weights of 1 from the first step on, its noise settles in an
 * optimum that keeps nearly all of them, though one of a lower objective has a few. The defaults therefore begin with
 * greater weights, and let all of them be exactly 1 after some epochs: see {@link DivergenceSchedule}.
 */
final class StructuredBpKind implements PruningMethodKind {
    private static final int LENET_BATCH = 128;
    private static final double MOMENTUM = 0.95;

    /** Share of the epochs that begin with greater weights, for networks of which nothing is known. */
    private static final double START_SHARE = 0.1;

    @Override
    public String title() {
        return "StructuredBP";
    }

    @Override
    public Set<MethodSetting> settings() {
        return EnumSet.complementOf(EnumSet.of(MethodSetting.LASSO, MethodSetting.DIVERGENCE_WEIGHTS));
    }

    /**
     * Nothing but noise and data: no teacher, no dropout, no floor, no fine-tuning, whose epochs are spent at weights
     * of 1. For networks other than the LeNets the start has StructuredBPa's weights, by compute.
     */
    @Override
    public Recipe defaults(String network) {
        Recipe r = Recipes.of(network);
        int epochs = r.pruning().epochs() + r.finetuning().epochs();
        Recipe bare = r.withPruning(
                        p -> p.withEpochs(epochs).withMomentum(MOMENTUM).withDropout(Map.of()))
                .withFinetuning(p -> p.withEpochs(0))
                .withNoise(n -> n.withDraws(1)
                        .withLogSigmaFloor(Recipe.DEFAULT.noise().logSigmaFloor())
                        .withStartWeights(n.weights())
                        .withEpochsUntilFull(START_SHARE * epochs))
                .withDistillation(d -> d.withShare(0));
        return switch (network) {
            case "lenet5" -> start(bare, DivergenceWeights.byGroup(Map.of("conv1", 250.0, "conv2", 60.0)), 5);
            case "lenet-fc", "lenet-300-100" -> start(bare, new DivergenceWeights(5, 0, Map.of()), 10);
            default -> bare;
        };
    }

    private static Recipe start(Recipe bare, DivergenceWeights weights, double epochs) {
        return bare.withNoise(n -> n.withStartWeights(weights).withEpochsUntilFull(epochs))
                .withBatches(b -> b.withSize(LENET_BATCH));
    }

    @Override
    public PruningMethod attach(ChannelGroups groups, Recipe recipe) {
        return new StructuredBayes(
                groups,
                KlWeights.one(),
                recipe.noise(),
                recipe.rule().rule(),
                recipe.batches().seed());
    }
}
