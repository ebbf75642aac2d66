package org.espalier.bayes;

/**
 * The results of {@link PosteriorBatch#evaluate}: one entry per unit in each array. The arrays are handed out as they
 * are, not copied, and the next evaluation overwrites them: keep one instance per network and read it after each step.
 */
public final class NoiseBatch {
    private final double[] theta;
    private final double[] thetaMu;
    private final double[] thetaLogSigma;
    private final double[] kl;
    private final double[] klMu;
    private final double[] klLogSigma;

    /**
     * Makes room for {@code units} units.
     *
     * @param units the number of units, not negative
     * @throws IllegalArgumentException if {@code units} is negative
     */
    public NoiseBatch(int units) {
        if (units < 0) {
            throw new IllegalArgumentException("NoiseBatch: number of units must not be negative, found " + units);
        }
        theta = new double[units];
        thetaMu = new double[units];
        thetaLogSigma = new double[units];
        kl = new double[units];
        klMu = new double[units];
        klLogSigma = new double[units];
    }

    /**
     * Returns the number of units.
     *
     * @return the length of each array
     */
    public int size() {
        return theta.length;
    }

    /**
     * Returns the sampled multipliers.
     *
     * @return theta {@code [units]}, live
     */
    public double[] theta() {
        return theta;
    }

    /**
     * Returns the pathwise derivatives of the samples with respect to mu.
     *
     * @return dtheta/dmu {@code [units]}, live
     */
    public double[] thetaMu() {
        return thetaMu;
    }

    /**
     * Returns the pathwise derivatives of the samples with respect to log sigma.
     *
     * @return dtheta/dlog sigma {@code [units]}, live
     */
    public double[] thetaLogSigma() {
        return thetaLogSigma;
    }

    /**
     * Returns the divergences from the prior in nats, unweighted.
     *
     * @return KL {@code [units]}, live
     */
    public double[] kl() {
        return kl;
    }

    /**
     * Returns the derivatives of the divergences with respect to mu.
     *
     * @return dKL/dmu {@code [units]}, live
     */
    public double[] klMu() {
        return klMu;
    }

    /**
     * Returns the derivatives of the divergences with respect to log sigma.
     *
     * @return dKL/dlog sigma {@code [units]}, live
     */
    public double[] klLogSigma() {
        return klLogSigma;
    }
}
