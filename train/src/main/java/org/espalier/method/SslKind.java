package org.espalier.method;

import java.util.EnumSet;
import java.util.Set;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;

/** Structured Sparsity Learning: a group lasso, and fine-tuning without it. */
final class SslKind implements PruningMethodKind {
    private static final int MOST_EPOCHS = 40;
    private static final int TUNING_EPOCHS = 20;

    /** Of a network with batch normalisation, whose weights' size does not matter to what it computes. */
    private static final double NORMALISED_STRENGTH = 0.1;

    @Override
    public String title() {
        return "SSL";
    }

    @Override
    public Set<MethodSetting> settings() {
        return EnumSet.of(MethodSetting.PRUNING_PHASE, MethodSetting.LASSO);
    }

    @Override
    public Recipe defaults(String network) {
        Recipe r = Recipes.of(network);
        boolean vgg = network.startsWith("vgg-like");
        return r.withPruning(p -> p.withEpochs(Math.min(MOST_EPOCHS, p.epochs())))
                .withFinetuning(p -> vgg ? p : p.withEpochs(TUNING_EPOCHS))
                .withLasso(l -> l.withStrength(vgg ? NORMALISED_STRENGTH : 1)
                        .withExponent(r.noise().weights().exponent()));
    }

    @Override
    public PruningMethod attach(ChannelGroups groups, Recipe recipe) {
        return new Ssl(
                groups,
                KlWeights.inProportion(recipe.lasso().strength(), recipe.lasso().exponent()));
    }
}
