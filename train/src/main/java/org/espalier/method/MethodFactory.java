package org.espalier.method;

import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.Recipe;

/** Attaches a method to the groups of a network when its phase begins. */
@FunctionalInterface
public interface MethodFactory {
    PruningMethod attach(ChannelGroups groups, Recipe recipe);

    /** What is attached while the network that the method left is fine-tuned. */
    default PruningMethod attachTuning(ChannelGroups groups) {
        return new NoPruning(groups);
    }

    /** Sparse Variational Dropout; the weights that it drops stay zero when what is left is fine-tuned. */
    static MethodFactory sparseVd() {
        return new MethodFactory() {
            @Override
            public PruningMethod attach(ChannelGroups groups, Recipe recipe) {
                return new SparseVd(groups);
            }

            @Override
            public PruningMethod attachTuning(ChannelGroups groups) {
                return NoPruning.keepingZeros(groups);
            }
        };
    }

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
