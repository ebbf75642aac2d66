package org.espalier.method;

import java.util.Locale;
import java.util.Set;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.Recipe;

/** The methods that there are, by the names that the command line and {@code run.yaml} give them. */
@SuppressWarnings("ImmutableEnumChecker") // kinds have no state
public enum PruningMethods implements PruningMethodKind {
    /** Ordinary training. */
    ORIGINAL(new OriginalKind()),
    /** Structured Bayesian Pruning with a weight of 1 on every unit's divergence. */
    SBP(new StructuredBpKind()),
    /** Structured Bayesian Pruning with more weight where a unit costs more compute. */
    SBPA(new StructuredBpaKind()),
    /** Sparse Variational Dropout. */
    SPARSEVD(new SparseVdKind()),
    /** Structured Sparsity Learning: group lasso, more of it where a unit costs more compute. */
    SSL(new SslKind());

    private final PruningMethodKind kind;

    PruningMethods(PruningMethodKind kind) {
        this.kind = kind;
    }

    /**
     * Whether the method reads a part of the recipe.
     *
     * @param setting the part
     * @return true if it means something to the method
     */
    public boolean has(MethodSetting setting) {
        return settings().contains(setting);
    }

    @Override
    public String title() {
        return kind.title();
    }

    @Override
    public Set<MethodSetting> settings() {
        return kind.settings();
    }

    @Override
    public Recipe defaults(String network) {
        return kind.defaults(network);
    }

    @Override
    public Recipe relevant(Recipe recipe) {
        return kind.relevant(recipe);
    }

    @Override
    public PruningMethod attach(ChannelGroups groups, Recipe recipe) {
        return kind.attach(groups, recipe);
    }

    @Override
    public PruningMethod attachTuning(ChannelGroups groups) {
        return kind.attachTuning(groups);
    }

    /** The name as it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
