package org.espalier.train;

import org.espalier.channels.ChannelGroups;
import org.espalier.method.KlWeights;
import org.espalier.method.Method;
import org.espalier.method.StructuredBayes;

/** Attaches a method to the groups of a network when its phase begins. */
@FunctionalInterface
public interface MethodFactory {
    Method attach(ChannelGroups groups, Recipe recipe);

    /**
     * Structured Bayesian Pruning as the recipe says: weights of the divergence by its {@code klWeights}, or by compute with its {@code
     * strength} and {@code exponent}, and its rule.
     */
    static MethodFactory structuredBayes() {
        return (groups, recipe) -> new StructuredBayes(
                groups,
                recipe.klWeights().isEmpty()
                        ? KlWeights.byCompute(recipe.strength(), recipe.exponent())
                        : KlWeights.byName(recipe.klWeights()),
                recipe.rule(),
                recipe.seed());
    }
}
