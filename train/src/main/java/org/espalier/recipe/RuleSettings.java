package org.espalier.recipe;

import org.espalier.bayes.PruneRule;
import org.espalier.bayes.PruneRules;

/**
 * Which units go, and when.
 *
 * @param decide name of the rule
 * @param threshold least signal-to-noise ratio that stays
 * @param patienceEpochs epochs before a unit leaves
 */
public record RuleSettings(
        @RecipeSetting("Rule that decides which units go by their posterior: snr, bmrs-n, bmrs-n-published, "
                + "bmrs-u8 or bmrs-u4")
        String decide,

        @RecipeSetting("Signal-to-noise ratio below which a unit goes; counts for snr alone")
        double threshold,

        @RecipeSetting("Epochs for which a unit stays below the threshold before it leaves while training goes "
                + "on; 0 keeps all to the end")
        int patienceEpochs) {
    /** The published rule: a signal-to-noise ratio of at least 1. */
    public static final RuleSettings DEFAULT = new RuleSettings(PruneRules.SNR, 1, 2);

    /**
     * The rule that decides which units go.
     *
     * @return the rule of that name
     */
    public PruneRule rule() {
        return PruneRules.of(decide, threshold);
    }

    /**
     * These settings with another {@code decide}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public RuleSettings withDecide(String value) {
        return RecipeSettings.with(this, "decide", value);
    }

    /**
     * These settings with another {@code threshold}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public RuleSettings withThreshold(double value) {
        return RecipeSettings.with(this, "threshold", value);
    }

    /**
     * These settings with another {@code patienceEpochs}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public RuleSettings withPatienceEpochs(int value) {
        return RecipeSettings.with(this, "patienceEpochs", value);
    }
}
