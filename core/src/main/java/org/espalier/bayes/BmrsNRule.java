package org.espalier.bayes;

/**
 * Bayesian model reduction to a log-normal spike: prunes a unit when the evidence for a prior that is almost a point at
 * the lower end of the support is at least that for the log-uniform prior.
 *
 * <p>The spike is Normal(a, s^2), s = 1e-6, on [a, b]. With r^2 = 1/(1/sigma^2 + 1/s^2), m = r^2 (mu/sigma^2 + a/s^2) and
 * Z(c, d^2) = Phi((b - c)/d) - Phi((a - c)/d), the score in nats is
 *
 * <p>log(Z(m, r^2) (b - a) / (Z(a, s^2) Z(mu, sigma^2))) - log(2 pi (sigma^2 + s^2))/2 - (mu - a)^2 / (2 (sigma^2 +
 * s^2)),
 *
 * <p>and the unit goes when it is not negative. As s falls to 0 it becomes log((b - a) q(log theta = a)), the
 * Savage-Dickey ratio. {@link Form#PUBLISHED} leaves out the 2 pi, as the authors' code does: its score is greater by
 * log(2 pi)/2 = 0.919, and their tables rest on it.
 *
 * <p>Measured error: within 1e-12, relative where the score is greater than 1 in absolute value.
 *
 * <p>Source: Wright, Igel, Selvan, "BMRS: Bayesian Model Reduction for Structured Pruning", NeurIPS 2024 (arXiv
 * 2406.01345).
 *
 * @param form which of the two formulas
 * @param prior the prior of the units
 */
public record BmrsNRule(Form form, LogUniform prior) implements PruneRule {
    /** The two formulas in use. */
    public enum Form {
        /** The ratio of evidences as derived. */
        EXACT,
        /** The authors' code: without the 2 pi, so that more units go. */
        PUBLISHED
    }

    private static final double SPIKE = 1e-6;
    private static final double HALF_LOG_2_PI = Math.log(2 * Math.PI) / 2;

    /**
     * Makes the rule for the default prior.
     *
     * @param form which of the two formulas
     */
    public BmrsNRule(Form form) {
        this(form, LogUniform.DEFAULT);
    }

    @Override
    public double score(double mu, double logSigma) {
        DomainChecks.finiteParameters(mu, logSigma);
        double sigma = Math.exp(logSigma);
        double total = Math.hypot(sigma, SPIKE);
        double reduced = sigma / total * SPIKE;
        double offset = mu - prior.lower();
        double low = -offset / total * (SPIKE / sigma);
        double high = prior.width() / reduced + low;
        double alpha = -offset / sigma;
        double beta = (prior.upper() - mu) / sigma;
        double score = NormalMass.logScaled(low, high)
                - NormalMass.logScaled(alpha, beta)
                - NormalMass.log(0, prior.width() / SPIKE)
                + Math.log(prior.width() / total)
                + exponent(low, high, offset / total, NormalMass.nearest(alpha, beta))
                - (form == Form.EXACT ? HALF_LOG_2_PI : 0);
        return DomainChecks.finiteResult("BMRS-N score", score, mu, logSigma);
    }

    /**
     * The exponents of both truncated densities and of their product, -c^2/2 - distance^2/2 + nearest^2/2 with c the
     * point of [low, high] closest to 0. Where c is a bound the three squares add up to that of the spike at this bound,
     * which is used because each of them may be huge.
     */
    private double exponent(double low, double high, double distance, double nearest) {
        if (high < 0) {
            double spike = prior.width() / SPIKE;
            return -spike * spike / 2;
        }
        return low > 0 ? 0 : (nearest - distance) * (nearest + distance) / 2;
    }

    @Override
    public boolean prunes(double mu, double logSigma) {
        return score(mu, logSigma) >= 0;
    }
}
