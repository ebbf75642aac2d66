package org.espalier.bayes;

/**
 * What was learnt about each unit's multiplier: log θᵢ ~ Normal(μᵢ, σᵢ²) truncated to [−20, 0].
 *
 * @param mu one per unit
 * @param logSigma one per unit
 */
public record Posterior(double[] mu, double[] logSigma) {
    /**
     * Copies the arrays.
     *
     * @param mu one per unit
     * @param logSigma one per unit
     */
    public Posterior {
        mu = mu.clone();
        logSigma = logSigma.clone();
    }

    /** {@return a copy of the means of log θ} */
    @Override
    public double[] mu() {
        return mu.clone();
    }

    /** {@return a copy of the logarithms of σ} */
    @Override
    public double[] logSigma() {
        return logSigma.clone();
    }

    /** {@return E[θ] of each unit} */
    public double[] mean() {
        double[] mean = new double[mu.length];
        new PosteriorBatch(LogUniform.DEFAULT).moments(mu, logSigma, mean, new double[mu.length]);
        return mean;
    }

    /** {@return signal-to-noise ratio E[θ] / √Var[θ] of each unit} */
    public double[] snr() {
        double[] snr = new double[mu.length];
        new PosteriorBatch(LogUniform.DEFAULT).moments(mu, logSigma, new double[mu.length], snr);
        return snr;
    }

    /**
     * Which units a rule keeps.
     *
     * @param rule the rule
     * @return which units a rule keeps
     */
    public boolean[] kept(PruneRule rule) {
        boolean[] kept = new boolean[mu.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = !rule.prunes(mu[i], logSigma[i]);
        }
        return kept;
    }

    /**
     * The posterior of the units that {@code kept} keeps.
     *
     * @param kept per unit whether it stays
     * @return the posterior of the units that {@code kept} keeps
     */
    public Posterior select(boolean[] kept) {
        int[] stay = java.util.stream.IntStream.range(0, kept.length)
                .filter(i -> kept[i])
                .toArray();
        return new Posterior(take(mu, stay), take(logSigma, stay));
    }

    private static double[] take(double[] v, int[] indices) {
        double[] out = new double[indices.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = v[indices[i]];
        }
        return out;
    }
}
