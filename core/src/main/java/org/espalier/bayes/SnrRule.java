package org.espalier.bayes;

/**
 * Prunes units whose signal-to-noise ratio is below a threshold. The score is threshold - SNR; a unit exactly at the
 * threshold stays.
 *
 * <p>Source: Neklyudov, Molchanov, Ashukha, Vetrov, "Structured Bayesian Pruning via Log-Normal Multiplicative Noise",
 * NIPS 2017.
 *
 * @param threshold the least ratio that stays, dimensionless; finite, not negative; 0 keeps everything
 * @param prior the prior of the units
 */
public record SnrRule(double threshold, LogUniform prior) implements PruneRule {
    /** The published threshold. */
    public static final double DEFAULT_THRESHOLD = 1;

    /**
     * Checks the threshold.
     *
     * @param threshold the least ratio that stays
     * @param prior the prior of the units
     * @throws IllegalArgumentException if {@code threshold} is negative, NaN or infinite
     */
    public SnrRule {
        if (!(threshold >= 0 && threshold < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "SnrRule: threshold must be finite and not negative, found " + threshold);
        }
    }

    /**
     * Makes the rule for the default prior.
     *
     * @param threshold the least ratio that stays; finite, not negative
     * @throws IllegalArgumentException if {@code threshold} is negative, NaN or infinite
     */
    public SnrRule(double threshold) {
        this(threshold, LogUniform.DEFAULT);
    }

    @Override
    public double score(double mu, double logSigma) {
        return threshold - TruncatedLogNormal.of(mu, logSigma, prior).snr();
    }

    @Override
    public boolean prunes(double mu, double logSigma) {
        return score(mu, logSigma) > 0;
    }
}
