package org.espalier.job;

import java.util.Map;
import org.espalier.method.KlWeights;
import org.espalier.method.MethodFactory;
import org.espalier.method.NoPruning;
import org.espalier.method.Ssl;
import org.espalier.method.StructuredBayes;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.RecipeBuilder;
import org.espalier.recipe.Recipes;

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
            case ORIGINAL -> (groups, recipe) -> new NoPruning(groups);
            case SPARSEVD -> MethodFactory.sparseVd();
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

    /**
     * A recipe in which all that this method does not ask for is as {@link RecipeBuilder} has it, so that recipes which mean the same are equal.
     * A tolerance above all must not steer what is not the divergence of units.
     */
    public Recipe relevant(Recipe r) {
        Recipe usual = Recipe.builder().build();
        return switch (this) {
            case ORIGINAL, SBPA -> r;
            case SBP ->
                r.toBuilder()
                        .strength(usual.strength())
                        .exponent(usual.exponent())
                        .klWeights(Map.of())
                        .build();
            case SSL -> withoutPosterior(r, usual);
            case SPARSEVD ->
                withoutPosterior(r, usual).toBuilder()
                        .strength(usual.strength())
                        .exponent(usual.exponent())
                        .build();
        };
    }

    /** Units have no noise, and nothing is decided by it. */
    private static Recipe withoutPosterior(Recipe r, Recipe usual) {
        return r.toBuilder()
                .klWeights(Map.of())
                .tolerance(0)
                .threshold(usual.threshold())
                .decide(usual.decide())
                .logSigmaFloor(usual.logSigmaFloor())
                .noiseDraws(usual.noiseDraws())
                .build();
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
