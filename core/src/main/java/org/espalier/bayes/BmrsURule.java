package org.espalier.bayes;

/**
 * Bayesian model reduction to a log-uniform prior on small multipliers: prunes a unit when the evidence for
 * log theta ~ Uniform[a', b'], a' = -23 log 2 and b' = -p log 2, is at least that for the whole support [a, b]. The bounds
 * are those of a float with p bits, hence the name BMRS-U-p.
 *
 * <p>The score in nats is log(q([a', b']) (b - a) / (b' - a')), with q the posterior of log theta; the unit goes when it
 * is not negative, that is when q([a', b']) is at least 0.520 for p = 8 and 0.658 for p = 4 on the default support. A unit
 * whose mass lies below a' = -15.9 stays: the rule is the published one, to the letter.
 *
 * <p>Measured error: within 1e-12, relative where the score is greater than 1 in absolute value.
 *
 * <p>Source: Wright, Igel, Selvan, "BMRS: Bayesian Model Reduction for Structured Pruning", NeurIPS 2024 (arXiv
 * 2406.01345).
 *
 * @param p the upper bound in bits, from 1 to 22; the paper has 8 and 4
 * @param prior the prior of the units, whose support contains [-23 log 2, -p log 2]
 */
public record BmrsURule(int p, LogUniform prior) implements PruneRule {
    private static final double LOG_2 = Math.log(2);
    private static final int LOWER_BITS = 23;

    /**
     * Checks the bounds.
     *
     * @param p the upper bound in bits, from 1 to 22
     * @param prior the prior of the units
     * @throws IllegalArgumentException if {@code p} is not in 1 to 22 or [-23 log 2, -p log 2] is not within the support
     */
    public BmrsURule {
        if (!(p >= 1 && p < LOWER_BITS)) {
            throw new IllegalArgumentException("BmrsURule: p must lie between 1 and 22, found " + p);
        }
        if (!(prior.lower() <= -LOWER_BITS * LOG_2 && prior.upper() >= -p * LOG_2)) {
            throw new IllegalArgumentException(
                    "BmrsURule: support must contain [-23 log 2, -" + p + " log 2], found " + prior);
        }
    }

    /**
     * Makes the rule for the default prior.
     *
     * @param p the upper bound in bits, from 1 to 22
     * @throws IllegalArgumentException if {@code p} is out of range
     */
    public BmrsURule(int p) {
        this(p, LogUniform.DEFAULT);
    }

    @Override
    public double score(double mu, double logSigma) {
        DomainChecks.finiteParameters(mu, logSigma);
        double sigma = Math.exp(logSigma);
        double low = -LOWER_BITS * LOG_2;
        double high = -p * LOG_2;
        double inside = NormalMass.log((low - mu) / sigma, (high - mu) / sigma);
        double whole = NormalMass.log((prior.lower() - mu) / sigma, (prior.upper() - mu) / sigma);
        double score = inside - whole + Math.log(prior.width() / (high - low));
        return DomainChecks.finiteResult("BMRS-U score", score, mu, logSigma);
    }

    @Override
    public boolean prunes(double mu, double logSigma) {
        return score(mu, logSigma) >= 0;
    }
}
