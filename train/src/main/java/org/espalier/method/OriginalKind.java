package org.espalier.method;

import java.util.Set;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;

/** Ordinary training: pre-training, and nothing after it. */
final class OriginalKind implements PruningMethodKind {
    @Override
    public String title() {
        return "Original";
    }

    @Override
    public Set<MethodSetting> settings() {
        return Set.of();
    }

    @Override
    public Recipe defaults(String network) {
        return Recipes.of(network);
    }

    @Override
    public PruningMethod attach(ChannelGroups groups, Recipe recipe) {
        return new NoPruning(groups);
    }
}
