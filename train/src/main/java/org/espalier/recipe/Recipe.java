package org.espalier.recipe;

import java.util.function.UnaryOperator;
import org.espalier.bayes.PruneRules;
import org.espalier.torch.Precision;

/**
 * All settings of a run. Ranges and meanings are at the components: see {@link RecipeSetting} and {@link
 * RecipeSettings}.
 *
 * @param pretraining ordinary training before; no epochs where the network is trained already
 * @param pruning training with the pruning method attached
 * @param finetuning ordinary training of what is left
 * @param noise the noise and the weights of its divergence
 * @param lasso the group lasso
 * @param rule which units go, and when
 * @param budget what the result may cost, and how much worse it may be
 * @param distillation what is learnt from the network before
 * @param batches what all phases have in common
 */
public record Recipe(
        PhaseSettings pretraining,
        PhaseSettings pruning,
        PhaseSettings finetuning,
        NoiseSettings noise,
        LassoSettings lasso,
        RuleSettings rule,
        BudgetSettings budget,
        DistillationSettings distillation,
        BatchSettings batches) {
    /** The value of every setting that nothing else is said of. */
    public static final Recipe DEFAULT = new Recipe(
            PhaseSettings.PRETRAINING,
            PhaseSettings.PRUNING,
            PhaseSettings.FINETUNING,
            NoiseSettings.DEFAULT,
            LassoSettings.DEFAULT,
            RuleSettings.DEFAULT,
            BudgetSettings.NONE,
            DistillationSettings.NONE,
            BatchSettings.DEFAULT);

    /**
     * Checks all settings.
     *
     * @param pretraining ordinary training before; no epochs where the network is trained already
     * @param pruning training with the pruning method attached
     * @param finetuning ordinary training of what is left
     * @param noise the noise and the weights of its divergence
     * @param lasso the group lasso
     * @param rule which units go, and when
     * @param budget what the result may cost, and how much worse it may be
     * @param distillation what is learnt from the network before
     * @param batches what all phases have in common
     * @throws IllegalArgumentException if one is out of range; the message names its path, such as {@code
     *     pruning.epochs}
     */
    public Recipe {
        RecipeSettings.check("pretraining", pretraining);
        RecipeSettings.check("pruning", pruning);
        RecipeSettings.check("finetuning", finetuning);
        RecipeSettings.check("noise", noise);
        RecipeSettings.check("lasso", lasso);
        RecipeSettings.check("rule", rule);
        RecipeSettings.check("budget", budget);
        RecipeSettings.check("distillation", distillation);
        RecipeSettings.check("batches", batches);
        Augmentations.of("pretraining.augmentation", pretraining.augmentation());
        Augmentations.of("pruning.augmentation", pruning.augmentation());
        Augmentations.of("finetuning.augmentation", finetuning.augmentation());
        try {
            budget.costs();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("recipe 'budget.targets': " + e.getMessage(), e);
        }
        if (!PruneRules.names().contains(rule.decide())) {
            throw RecipeSettings.wrong("rule.decide", "one of " + PruneRules.names(), rule.decide());
        }
        if (pruning.averaging() != 0) {
            throw RecipeSettings.wrong(
                    "pruning.averaging", "0, as units leave while the network is pruned", pruning.averaging());
        }
    }

    /**
     * The settings of a phase.
     *
     * @param phase the part of the run
     * @return how it trains
     */
    public PhaseSettings phase(TrainingPhase phase) {
        return switch (phase) {
            case PRETRAIN -> pretraining;
            case PRUNE -> pruning;
            case FINETUNE -> finetuning;
        };
    }

    /**
     * Epochs of all phases.
     *
     * @return their sum
     */
    public int epochs() {
        return pretraining.epochs() + pruning.epochs() + finetuning.epochs();
    }

    /**
     * Whether units may be removed: in training with a method attached, or by what it begins with.
     *
     * @return false where there is ordinary training alone
     */
    public boolean prunes() {
        return pruning.epochs() > 0 || noise.warmStartBatches() > 0;
    }

    /**
     * Changes pre-training.
     *
     * @param change from the settings here
     * @return this recipe with the result
     */
    public Recipe withPretraining(UnaryOperator<PhaseSettings> change) {
        return RecipeSettings.with(this, "pretraining", change.apply(pretraining));
    }

    /**
     * Changes pruning.
     *
     * @param change from the settings here
     * @return this recipe with the result
     */
    public Recipe withPruning(UnaryOperator<PhaseSettings> change) {
        return RecipeSettings.with(this, "pruning", change.apply(pruning));
    }

    /**
     * Changes fine-tuning.
     *
     * @param change from the settings here
     * @return this recipe with the result
     */
    public Recipe withFinetuning(UnaryOperator<PhaseSettings> change) {
        return RecipeSettings.with(this, "finetuning", change.apply(finetuning));
    }

    /**
     * Changes all three phases alike.
     *
     * @param change of each
     * @return this recipe with the results
     */
    public Recipe withPhases(UnaryOperator<PhaseSettings> change) {
        return withPretraining(change).withPruning(change).withFinetuning(change);
    }

    /**
     * Changes the noise.
     *
     * @param change from the settings here
     * @return this recipe with the result
     */
    public Recipe withNoise(UnaryOperator<NoiseSettings> change) {
        return RecipeSettings.with(this, "noise", change.apply(noise));
    }

    /**
     * Changes the lasso.
     *
     * @param change from the settings here
     * @return this recipe with the result
     */
    public Recipe withLasso(UnaryOperator<LassoSettings> change) {
        return RecipeSettings.with(this, "lasso", change.apply(lasso));
    }

    /**
     * Changes which units go.
     *
     * @param change from the settings here
     * @return this recipe with the result
     */
    public Recipe withRule(UnaryOperator<RuleSettings> change) {
        return RecipeSettings.with(this, "rule", change.apply(rule));
    }

    /**
     * Changes the budget.
     *
     * @param change from the settings here
     * @return this recipe with the result
     */
    public Recipe withBudget(UnaryOperator<BudgetSettings> change) {
        return RecipeSettings.with(this, "budget", change.apply(budget));
    }

    /**
     * Changes what is learnt from the network before.
     *
     * @param change from the settings here
     * @return this recipe with the result
     */
    public Recipe withDistillation(UnaryOperator<DistillationSettings> change) {
        return RecipeSettings.with(this, "distillation", change.apply(distillation));
    }

    /**
     * Changes what all phases have in common.
     *
     * @param change from the settings here
     * @return this recipe with the result
     */
    public Recipe withBatches(UnaryOperator<BatchSettings> change) {
        return RecipeSettings.with(this, "batches", change.apply(batches));
    }

    /**
     * This recipe with another seed.
     *
     * @param seed of all random numbers
     * @return the same otherwise
     */
    public Recipe withSeed(long seed) {
        return withBatches(b -> b.withSeed(seed));
    }

    /**
     * This recipe with other lengths of the three phases; what grows over the epochs of a phase whose length changes
     * is shortened as {@link #warmup} says.
     *
     * @param pretrain epochs of pre-training
     * @param prune epochs of pruning
     * @param finetune epochs of fine-tuning
     * @return the same otherwise
     */
    public Recipe withEpochs(int pretrain, int prune, int finetune) {
        double rise = pretraining.warmupEpochs();
        double growth = noise.epochsUntilFull();
        return withPretraining(p ->
                        p.withEpochs(pretrain).withWarmupEpochs(pretrain == p.epochs() ? rise : warmup(rise, pretrain)))
                .withNoise(n -> n.withEpochsUntilFull(prune == pruning.epochs() ? growth : warmup(growth, prune)))
                .withPruning(p -> p.withEpochs(prune))
                .withFinetuning(p -> p.withEpochs(finetune));
    }

    /**
     * Epochs in which a rate or the penalty grows, at most a third of those that a phase has: it must have its full
     * value for most of them.
     *
     * @param wanted in a phase that is long enough
     * @param epochs of the phase; where it has none, what is wanted stays
     * @return the epochs of growth
     */
    public static double warmup(double wanted, int epochs) {
        return epochs == 0 ? wanted : Math.min(wanted, epochs / 3.0);
    }

    /**
     * What matters of this recipe where there is nothing but pre-training; all else is as in {@link #DEFAULT}.
     *
     * @return a recipe that is equal for all recipes with the same pre-training
     */
    public Recipe onlyPretraining() {
        return new Recipe(
                pretraining,
                PhaseSettings.PRUNING.withEpochs(0),
                PhaseSettings.FINETUNING.withEpochs(0),
                NoiseSettings.DEFAULT,
                LassoSettings.DEFAULT,
                RuleSettings.DEFAULT,
                BudgetSettings.NONE,
                DistillationSettings.NONE,
                batches);
    }

    /**
     * This recipe with its precision decided for a device: see {@link Precision#on}.
     *
     * @param device such as {@code cpu}
     * @return the same otherwise
     */
    public Recipe on(String device) {
        return withPrecision(batches.precision().on(device));
    }

    /**
     * This recipe with another precision.
     *
     * @param precision of products
     * @return the same otherwise
     */
    public Recipe withPrecision(Precision precision) {
        return withBatches(b -> b.withPrecision(precision));
    }
}
