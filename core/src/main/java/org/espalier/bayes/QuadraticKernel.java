package org.espalier.bayes;

/**
 * The cost of one unit's posterior where the loss is quadratic in its multiplier: J = a·E[θ − 1] + c/2·E[(θ − 1)²] +
 * KL, with its gradient. Mutable and reused from unit to unit; not thread-safe.
 *
 * <p>With T = (t, t²), t = (log θ − μ)/σ, the exponential family gives dE[f]/dμ = Cov(f, t)/σ and dE[f]/dlog σ =
 * Cov(f, t²). Both are had by Gauss-Legendre quadrature about the density's peak, with θ − 1 from expm1: nothing
 * cancels where θ hardly varies.
 */
final class QuadraticKernel {
    /** The quadrature stops where the density is below exp(-38) of its greatest value. */
    private static final double CUT_EXPONENT = 38;

    private static final int PANELS = 2;

    private final LogUniform support;
    private final UnitKernel divergence;
    private final double[] at = new double[PANELS * GaussLegendre.SIZE];
    private final double[] share = new double[at.length];
    private final double[] loss = new double[at.length];
    private double value;
    private double byMu;
    private double byLogSigma;

    QuadraticKernel(LogUniform support) {
        this.support = support;
        this.divergence = new UnitKernel(support);
    }

    /**
     * Computes cost and gradient.
     *
     * @param slope a
     * @param curvature c
     */
    void set(double mu, double logSigma, double slope, double curvature) {
        divergence.set(mu, logSigma);
        divergence.divergence();
        double sigma = Math.exp(logSigma);
        double alpha = (support.lower() - mu) / sigma;
        double beta = (support.upper() - mu) / sigma;
        double peak = Math.min(Math.max(0, alpha), beta);
        place(alpha, beta, peak);
        double mean = 0;
        double meanLoss = 0;
        double whole = 0;
        for (int i = 0; i < at.length; i++) {
            // Beside the upper end of the support, where θ is 1, log θ is better counted from there.
            double x = peak == beta ? support.upper() + sigma * at[i] : mu + sigma * (peak + at[i]);
            double below = Math.expm1(Math.min(x, support.upper()));
            loss[i] = below * (slope + curvature / 2 * below);
            whole += share[i];
            mean += share[i] * at[i];
            meanLoss += share[i] * loss[i];
        }
        mean /= whole;
        meanLoss /= whole;
        double withPlace = 0;
        double withSquare = 0;
        for (int i = 0; i < at.length; i++) {
            double weighted = share[i] * (loss[i] - meanLoss) / whole;
            withPlace += weighted * (at[i] - mean);
            withSquare += weighted * at[i] * at[i];
        }
        value = meanLoss + divergence.kl();
        byMu = withPlace / sigma + divergence.klMu();
        byLogSigma = 2 * peak * withPlace + withSquare + divergence.klLogSigma();
    }

    /** Nodes as distances from the peak in t, with the density's share at each. */
    private void place(double alpha, double beta, double peak) {
        double slope = Math.abs(peak);
        double reach = 2 * CUT_EXPONENT / (slope + Math.sqrt(slope * slope + 2 * CUT_EXPONENT));
        double from = Math.max(alpha - peak, -reach);
        double to = Math.min(beta - peak, reach);
        double half = (to - from) / (2 * PANELS);
        for (int i = 0; i < at.length; i++) {
            int node = i % GaussLegendre.SIZE;
            double centre = from + half * (2 * (i / GaussLegendre.SIZE) + 1);
            double d = centre + half * GaussLegendre.node(node);
            at[i] = d;
            share[i] = GaussLegendre.weight(node) * Math.exp(-d * (peak + d / 2));
        }
    }

    double value() {
        return value;
    }

    double byMu() {
        return byMu;
    }

    double byLogSigma() {
        return byLogSigma;
    }
}
