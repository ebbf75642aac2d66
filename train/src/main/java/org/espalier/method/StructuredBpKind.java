package org.espalier.method;

import java.util.EnumSet;
import java.util.Set;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;

/** StructuredBP: Structured Bayesian Pruning with a weight of 1 on every unit's divergence. */
final class StructuredBpKind implements PruningMethodKind {
    @Override
    public String title() {
        return "StructuredBP";
    }

    @Override
    public Set<MethodSetting> settings() {
        return EnumSet.complementOf(EnumSet.of(MethodSetting.LASSO, MethodSetting.DIVERGENCE_WEIGHTS));
    }

    @Override
    public Recipe defaults(String network) {
        return Recipes.of(network);
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
