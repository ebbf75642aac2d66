package org.espalier.cli.run;

import org.espalier.method.KlWeights;
import org.espalier.method.Original;
import org.espalier.method.SparseVd;
import org.espalier.method.Ssl;
import org.espalier.method.StructuredBayes;
import org.espalier.train.MethodFactory;
import org.espalier.train.Recipe;
import org.espalier.train.Recipes;

/** Methods by the names that the command line gives them. */
public enum MethodChoice {
    /** Ordinary training. */
    ORIGINAL,
    /** Structured Bayesian Pruning with the same weight on every unit's divergence. */
    SBP,
    /** Structured Bayesian Pruning with more weight where a unit costs more compute. */
    SBPA,
    /** Sparse Variational Dropout. */
    SPARSEVD,
    /** Structured Sparsity Learning: group lasso, more of it where a unit costs more compute. */
    SSL;

    /** How this method is attached to a network. */
    public MethodFactory factory() {
        return switch (this) {
            case ORIGINAL -> (groups, recipe) -> new Original(groups);
            case SPARSEVD -> (groups, recipe) -> new SparseVd(groups);
            case SSL ->
                (groups, recipe) -> new Ssl(groups, KlWeights.inProportion(recipe.strength(), recipe.exponent()));
            case SBP -> (groups, recipe) -> new StructuredBayes(groups, KlWeights.one(), recipe.rule(), recipe.seed());
            case SBPA -> MethodFactory.structuredBayes();
        };
    }

    /** The default hyper-parameters of this method for a network. */
    public Recipe recipe(String network) {
        return switch (this) {
            case SPARSEVD -> Recipes.sparseVd(network);
            case SSL -> Recipes.ssl(network);
            default -> Recipes.of(network);
        };
    }

    /** The name in published tables. */
    public String title() {
        return switch (this) {
            case ORIGINAL -> "Original";
            case SBP -> "StructuredBP";
            case SBPA -> "StructuredBPa";
            case SPARSEVD -> "SparseVD";
            case SSL -> "SSL";
        };
    }
}
