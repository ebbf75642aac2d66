package org.espalier.bayes;

/**
 * The results of {@link PosteriorBatch#evaluate}: samples with entry {@code d * units + i} for draw d of unit i, and
 * divergences with one entry per unit. The arrays are handed out as they are, not copied, and the next evaluation
 * overwrites them: keep one instance per network and read it after each step.
 */
public final class NoiseBatch {
    private final int draws;
    private final double[] theta;
    private final double[] thetaMu;
    private final double[] thetaLogSigma;
    private final double[] kl;
    private final double[] klMu;
    private final double[] klLogSigma;

    /**
     * Makes room for one draw.
     *
     * @param units the number of units, not negative
     * @throws IllegalArgumentException if {@code units} is negative
     */
    public NoiseBatch(int units) {
        this(units, 1);
    }

    /**
     * Makes room for several draws.
     *
     * @param units the number of units, not negative
     * @param draws the number of draws of each, 1 or more
     * @throws IllegalArgumentException if one of them is less
     */
    public NoiseBatch(int units, int draws) {
        if (units < 0) {
            throw new IllegalArgumentException("NoiseBatch: number of units must not be negative, found " + units);
        }
        if (draws < 1) {
            throw new IllegalArgumentException("NoiseBatch: number of draws must be 1 or more, found " + draws);
        }
        this.draws = draws;
        theta = new double[draws * units];
        thetaMu = new double[draws * units];
        thetaLogSigma = new double[draws * units];
        kl = new double[units];
        klMu = new double[units];
        klLogSigma = new double[units];
    }

    /**
     * Returns the number of units.
     *
     * @return the length of the divergences' arrays
     */
    public int size() {
        return kl.length;
    }

    /**
     * Returns the number of draws of each unit.
     *
     * @return 1 or more
     */
    public int draws() {
        return draws;
    }

    /**
     * Returns the sampled multipliers.
     *
     * @return theta {@code [draws * units]}, live
     */
    public double[] theta() {
        return theta;
    }

    /**
     * Returns the pathwise derivatives of the samples with respect to mu.
     *
     * @return dtheta/dmu {@code [draws * units]}, live
     */
    public double[] thetaMu() {
        return thetaMu;
    }

    /**
     * Returns the pathwise derivatives of the samples with respect to log sigma.
     *
     * @return dtheta/dlog sigma {@code [draws * units]}, live
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
