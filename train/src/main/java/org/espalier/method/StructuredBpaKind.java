package org.espalier.method;

import java.util.EnumSet;
import java.util.Set;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;

/** StructuredBPa: Structured Bayesian Pruning with weights of the divergence by compute, or by hand. */
final class StructuredBpaKind implements PruningMethodKind {
    @Override
    public String title() {
        return "StructuredBPa";
    }

    @Override
    public Set<MethodSetting> settings() {
        return EnumSet.complementOf(EnumSet.of(MethodSetting.LASSO));
    }

    @Override
    public Recipe defaults(String network) {
        return Recipes.of(network);
    }

    @Override
    public PruningMethod attach(ChannelGroups groups, Recipe recipe) {
        return new StructuredBayes(
                groups,
                KlWeights.of(recipe.noise().weights()),
                recipe.noise(),
                recipe.rule().rule(),
                recipe.batches().seed());
    }
}
