package org.espalier.cli;

import org.espalier.bayes.SnrRule;
import org.espalier.method.KlWeights;
import org.espalier.method.StructuredBayes;
import org.espalier.train.MethodFactory;
import org.espalier.train.Recipe;

/** Methods by the names that the command line gives them. */
enum MethodChoice {
    /** Ordinary training. */
    ORIGINAL,
    /** Structured Bayesian Pruning with the same weight on every unit's divergence. */
    SBP,
    /** Structured Bayesian Pruning with more weight where a unit costs more compute. */
    SBPA;

    /** How this method is attached to a network. */
    MethodFactory factory() {
        return (groups, recipe) ->
                new StructuredBayes(groups, weights(recipe), new SnrRule(recipe.threshold()), recipe.seed());
    }

    private KlWeights weights(Recipe recipe) {
        if (this != SBPA) {
            return KlWeights.one();
        }
        return recipe.klWeights().isEmpty()
                ? KlWeights.byCompute(recipe.strength(), recipe.exponent())
                : KlWeights.byName(recipe.klWeights());
    }
}
